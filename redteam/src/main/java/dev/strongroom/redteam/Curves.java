package dev.strongroom.redteam;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Fidelity of clones against the number of attempted queries, with the shield off and on. */
final class Curves {
    /**
     * One point.
     *
     * @param answered of the attempts with the shield on
     * @param kilobits that the shield's ledger counted in all
     */
    record Point(
            String attack, int attempts, double off, double on, int answered, double kilobits) {}

    private Curves() {}

    static List<Point> measure(
            World world, Terms terms, List<Strategy> strategies, List<Integer> budgets, long seed) {
        List<Point> points = new ArrayList<>();
        for (Strategy strategy : strategies) {
            Attack offAttack = strategy.start().begin(world, new Random(seed));
            Attack onAttack = strategy.start().begin(world, new Random(seed));
            var off = new Theft();
            var on = new Theft();
            Shield shield = world.under(terms, seed);
            int asked = 0;
            for (int budget : budgets) {
                off.run(offAttack, Api.open(world.victim()), 1, budget - asked);
                on.run(onAttack, shield, 1, budget - asked);
                asked = budget;
                points.add(
                        new Point(
                                strategy.name(),
                                budget,
                                off.fidelity(world.victim(), world.hidden(), world.test(), seed),
                                on.fidelity(world.victim(), world.hidden(), world.test(), seed),
                                on.answered(),
                                shield.bits(1) / 1000));
            }
        }
        return points;
    }
}
