package dev.strongroom.redteam;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Solves a softmax regression through its answers, with {@code 10 (d + 1)} queries. */
final class EquationSolving {
    private static final int FACTOR = 10;

    private EquationSolving() {}

    /** By kind of input: agreement with the shield off and on. */
    static Map<String, Map<String, Object>> measure(World regression, long seed) {
        var table = new LinkedHashMap<String, Map<String, Object>>();
        int inputs = regression.victim().inputs();
        table.put(
                "uniform inputs",
                both(regression, () -> Attacks.uniform(inputs, new Random(seed)), seed));
        table.put(
                "Gaussian inputs",
                both(regression, () -> Attacks.gaussian(inputs, new Random(seed)), seed));
        table.put(
                "victim's distribution",
                both(regression, () -> new Pool(regression.thief(), new Random(seed)), seed));
        return table;
    }

    private static Map<String, Object> both(
            World world, java.util.function.Supplier<Attack> attack, long seed) {
        int budget = FACTOR * (world.victim().inputs() + 1);
        var off = new Theft();
        off.run(attack.get(), Api.open(world.victim()), 1, budget);
        var on = new Theft();
        on.run(attack.get(), world.shield(seed), 1, budget);
        var row = new LinkedHashMap<String, Object>();
        row.put("queries", budget);
        row.put("off", best(world, off, seed));
        row.put("on", best(world, on, seed));
        row.put("answered", on.answered());
        return row;
    }

    /** The better of solving and training. */
    private static double best(World world, Theft theft, long seed) {
        double best = theft.fidelity(world.victim(), 0, world.test(), seed);
        for (double least : LinearSystem.LEAST) {
            Mlp solved = LinearSystem.solve(theft.rows(), theft.replies(), least);
            best = Math.max(best, Theft.agreement(solved, world.victim(), world.test()));
        }
        return best;
    }
}
