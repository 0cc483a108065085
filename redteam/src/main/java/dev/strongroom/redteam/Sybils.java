package dev.strongroom.redteam;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * One attack split over many accounts of few queries each, among honest clients, all in random
 * order.
 */
final class Sybils {
    private static final int ACCOUNTS = 40;
    private static final int QUERIES = 10;
    private static final int HONEST = 200;
    private static final int HONEST_QUERIES = 40;

    /**
     * Shares over all rounds.
     *
     * @param linked of the thief's accounts that the graph suspects
     * @param honestLinked of the honest
     * @param flaggedAlone of the thief's accounts with enough evidence of their own
     * @param flaggedPooled with enough evidence pooled
     */
    record Shares(
            int rounds,
            double linked,
            double honestLinked,
            double flaggedAlone,
            double flaggedPooled,
            double honestFlagged) {
        Map<String, Object> asMap() {
            var map = new LinkedHashMap<String, Object>();
            map.put("rounds", rounds);
            map.put("linked", linked);
            map.put("honestLinked", honestLinked);
            map.put("flaggedAlone", flaggedAlone);
            map.put("flaggedPooled", flaggedPooled);
            map.put("honestFlagged", honestFlagged);
            return map;
        }
    }

    private Sybils() {}

    static Shares measure(World world, int rounds, long seed) {
        var counts = new int[5];
        for (int round = 0; round < rounds; round++) {
            round(world, new Random(seed + round), seed + round, counts);
        }
        double thieves = (double) rounds * ACCOUNTS;
        double honest = (double) rounds * HONEST;
        return new Shares(
                rounds,
                counts[0] / thieves,
                counts[1] / honest,
                counts[2] / thieves,
                counts[3] / thieves,
                counts[4] / honest);
    }

    private static void round(World world, Random random, long seed, int[] counts) {
        Shield shield = world.shield(seed);
        Attack attack = Strategy.JBDA.start().begin(world, random);
        List<Attack> clients = new ArrayList<>();
        for (int client = 0; client < HONEST; client++) {
            clients.add(Strategy.honest(world, random));
        }
        for (int account : order(random)) {
            boolean thief = account >= HONEST;
            float[] row = thief ? attack.next() : clients.get(account).next();
            Optional<float[]> reply = shield.ask(account, row);
            if (thief && reply.isPresent()) {
                attack.told(reply.get());
            }
        }
        for (int account = 0; account < HONEST + ACCOUNTS; account++) {
            boolean thief = account >= HONEST;
            boolean flagged = shield.client(account).worst >= Policy.flagAt();
            boolean alone = shield.evidenceAlone(account) >= Policy.flagAt();
            counts[thief ? 0 : 1] += shield.standing(account).suspected() ? 1 : 0;
            counts[2] += thief && alone ? 1 : 0;
            counts[3] += thief && flagged ? 1 : 0;
            counts[4] += !thief && flagged ? 1 : 0;
        }
    }

    private static List<Integer> order(Random random) {
        List<Integer> order = new ArrayList<>();
        for (int account = 0; account < HONEST + ACCOUNTS; account++) {
            int queries = account < HONEST ? HONEST_QUERIES : QUERIES;
            order.addAll(Collections.nCopies(queries, account));
        }
        Collections.shuffle(order, random);
        return order;
    }
}
