package dev.strongroom.redteam;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/** Solves a softmax regression through its answers, with {@code 10 (d + 1)} queries. */
final class EquationSolving {
    private static final int FACTOR = 10;

    /**
     * What came of one kind of input.
     *
     * @param key of the kind
     * @param synthetic inputs that no honest client sends
     * @param off agreement without the shield
     * @param answered queries with it
     */
    record Row(String key, boolean synthetic, int queries, double off, double on, int answered) {}

    private EquationSolving() {}

    /** By kind of input: agreement with the shield off and on. */
    static Map<String, Row> measure(World regression, long seed) {
        var table = new LinkedHashMap<String, Row>();
        int inputs = regression.victim().inputs();
        table.put(
                "uniform inputs",
                row(
                        regression,
                        "uniform",
                        true,
                        () -> Attacks.uniform(inputs, new Random(seed)),
                        seed));
        table.put(
                "Gaussian inputs",
                row(
                        regression,
                        "gaussian",
                        true,
                        () -> Attacks.gaussian(inputs, new Random(seed)),
                        seed));
        table.put(
                "victim's distribution",
                row(
                        regression,
                        "own",
                        false,
                        () -> new Pool(regression.thief(), new Random(seed)),
                        seed));
        return table;
    }

    private static Row row(
            World world, String key, boolean synthetic, Supplier<Attack> attack, long seed) {
        int budget = FACTOR * (world.victim().inputs() + 1);
        var off = new Theft();
        off.run(attack.get(), Api.open(world.victim()), 1, budget);
        var on = new Theft();
        on.run(attack.get(), world.trial(seed), 1, budget);
        return new Row(
                key,
                synthetic,
                budget,
                best(world, off, seed),
                best(world, on, seed),
                on.answered());
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
