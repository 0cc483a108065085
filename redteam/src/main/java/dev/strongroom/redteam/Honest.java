package dev.strongroom.redteam;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Honest clients of several habits: how often the guard accuses them, and what they lose. Streams
 * are drawn from one finite part of the data, so they are not independent of each other.
 */
final class Honest {
    /** One habit. */
    interface Habit {
        Attack begin(World world, Random random);
    }

    static final Map<String, Habit> HABITS = habits();

    /**
     * Counts over the streams of one habit.
     *
     * @param lostPrecision streams that ever got two digits instead of all
     * @param labelOnly streams that ever lost more
     * @param flagged streams that ever reached the level of the flag
     * @param worst the highest evidence of any stream
     * @param meanPrice mean over streams of the rows that a row cost
     * @param changed answers whose best class was not the model's
     * @param refused calls beyond the quota of a flagged stream
     */
    record Counts(
            int streams,
            int queries,
            int lostPrecision,
            int labelOnly,
            int flagged,
            double worst,
            double meanPrice,
            long changed,
            long refused) {
        Map<String, Object> asMap() {
            var map = new LinkedHashMap<String, Object>();
            map.put("streams", streams);
            map.put("queriesEach", queries);
            map.put("lostPrecision", lostPrecision);
            map.put("labelOnly", labelOnly);
            map.put("flagged", flagged);
            map.put("flaggedUpper95", ClopperPearson.upper(flagged, streams, 0.95));
            map.put("worstEvidence", worst);
            map.put("meanPrice", meanPrice);
            map.put("top1Changed", changed);
            map.put("refused", refused);
            return map;
        }
    }

    private Honest() {}

    static Counts measure(World world, Habit habit, int streams, int queries, long seed) {
        int lost = 0;
        int label = 0;
        int flagged = 0;
        double worst = 0;
        double price = 0;
        long changed = 0;
        long refused = 0;
        for (int stream = 0; stream < streams; stream++) {
            Shield shield = stream(world, habit, queries, seed * 7_368_787 + stream);
            Shield.Client client = shield.client(1);
            changed += shield.changed();
            refused += client.refused;
            lost += client.worst >= Policy.RULES.ladder().coarse() ? 1 : 0;
            label += client.worst >= Policy.RULES.ladder().top1() ? 1 : 0;
            flagged += client.flaggedAt >= 0 ? 1 : 0;
            worst = Math.max(worst, client.worst);
            price += client.paid / Math.max(1, client.asked - client.refused);
        }
        return new Counts(
                streams, queries, lost, label, flagged, worst, price / streams, changed, refused);
    }

    private static Shield stream(World world, Habit habit, int queries, long seed) {
        Shield shield = world.shield(seed);
        Attack client = habit.begin(world, new Random(seed));
        for (int query = 0; query < queries; query++) {
            shield.ask(1, client.next());
        }
        return shield;
    }

    private static Map<String, Habit> habits() {
        var habits = new LinkedHashMap<String, Habit>();
        habits.put("as calibrated", Strategy::honest);
        habits.put("one class only", (world, random) -> classes(world, random, 1));
        habits.put("three classes", (world, random) -> classes(world, random, 3));
        habits.put(
                "a tenth retried",
                (world, random) -> retrying(Strategy.honest(world, random), random));
        habits.put(
                "noise of sigma 0.02 (mild)",
                (world, random) -> noisy(Strategy.honest(world, random), 0.02, random));
        habits.put(
                "contrast 0.9 (mild)",
                (world, random) -> contrast(Strategy.honest(world, random), 0.9f));
        habits.put(
                "noise of sigma 0.1 (strong)",
                (world, random) -> noisy(Strategy.honest(world, random), 0.1, random));
        return java.util.Collections.unmodifiableMap(habits);
    }

    private static Attack classes(World world, Random random, int count) {
        List<Integer> wanted = new ArrayList<>();
        for (int at = 0; at < count; at++) {
            wanted.add(random.nextInt(world.victim().classes()));
        }
        List<float[]> rows = new ArrayList<>();
        for (int at = 0; at < world.honest().size(); at++) {
            if (wanted.contains(world.honest().labels().get(at))) {
                rows.add(world.honest().rows().get(at));
            }
        }
        return new Pool(rows, random);
    }

    private static Attack retrying(Attack honest, Random random) {
        var last = new float[1][];
        return () -> {
            if (last[0] == null || random.nextDouble() >= 0.1) {
                last[0] = honest.next();
            }
            return last[0];
        };
    }

    private static Attack noisy(Attack honest, double sigma, Random random) {
        return () -> {
            float[] row = honest.next().clone();
            for (int at = 0; at < row.length; at++) {
                row[at] = Vectors.clip(row[at] + sigma * random.nextGaussian());
            }
            return row;
        };
    }

    private static Attack contrast(Attack honest, float scale) {
        return () -> {
            float[] row = honest.next().clone();
            for (int at = 0; at < row.length; at++) {
                row[at] *= scale;
            }
            return row;
        };
    }
}
