package dev.strongroom.redteam;

import java.util.Optional;
import java.util.Random;

/** Measures after how many queries an attack is flagged. */
final class Delays {
    private Delays() {}

    static Quantiles measure(World world, Strategy strategy, int runs, long seed) {
        var queries = new int[runs];
        for (int run = 0; run < runs; run++) {
            queries[run] = once(world, strategy, seed * 1_000_003 + run);
        }
        return new Quantiles(queries);
    }

    private static int once(World world, Strategy strategy, long seed) {
        Shield shield = world.shield(seed);
        Attack attack = strategy.start().begin(world, new Random(seed));
        for (int query = 1; query <= strategy.most(); query++) {
            Optional<float[]> reply = shield.ask(1, attack.next());
            if (shield.client(1).flaggedAt >= 0) {
                return query;
            }
            reply.ifPresent(attack::told);
        }
        return Integer.MAX_VALUE;
    }
}
