package dev.strongroom.redteam;

import dev.strongroom.serving.guard.leak.RankMeter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Steals an encoder: a student learns the vectors that the victim gives for the thief's own samples
 * of its distribution (Liu et al., "StolenEncoder", 2022). The rank meter ends it after a quarter
 * of the directions.
 */
final class EmbeddingTheft {
    private static final int QUERIES = 2000;
    private static final int EPOCHS = 40;
    private static final int GALLERY = 500;
    private static final double TOLERANCE = 1e-3;

    private EmbeddingTheft() {}

    /** Share of rows whose nearest neighbour is the same by the student's vectors. */
    static Map<String, Object> measure(World world, long seed) {
        Victim victim = world.victim();
        var meter = new RankMeter(Math.max(1, victim.features() / 4), TOLERANCE);
        List<float[]> rows = world.thief().subList(0, Math.min(QUERIES, world.thief().size()));
        List<float[]> all = new ArrayList<>();
        List<float[]> metered = new ArrayList<>();
        for (float[] row : rows) {
            float[] vector = victim.answer(row).features();
            all.add(vector);
            if (!meter.exhausted()) {
                metered.add(vector);
                meter.add(vector);
            }
        }
        var map = new LinkedHashMap<String, Object>();
        map.put("queries", rows.size());
        map.put("answeredOn", metered.size());
        map.put("sameNeighbourOff", same(world, rows, all, seed));
        map.put("sameNeighbourOn", same(world, rows.subList(0, metered.size()), metered, seed));
        map.put("sameNeighbourByInputs", agreement(world, row -> row));
        return map;
    }

    private interface Encoder {
        float[] encode(float[] row);
    }

    private static double same(World world, List<float[]> rows, List<float[]> vectors, long seed) {
        var random = new Random(seed);
        int inputs = world.victim().inputs();
        var student =
                new Mlp(inputs, 2 * world.victim().features(), vectors.getFirst().length, random);
        Trainer.ofValues(student).train(rows, vectors, EPOCHS, random);
        return agreement(world, student::logits);
    }

    private static double agreement(World world, Encoder student) {
        List<float[]> rows = world.test().subList(0, Math.min(2 * GALLERY, world.test().size()));
        List<float[]> asked = rows.subList(0, rows.size() / 2);
        List<float[]> gallery = rows.subList(rows.size() / 2, rows.size());
        int[] real = nearest(asked, gallery, row -> world.victim().answer(row).features());
        int[] stolen = nearest(asked, gallery, student);
        int same = 0;
        for (int at = 0; at < real.length; at++) {
            same += real[at] == stolen[at] ? 1 : 0;
        }
        return (double) same / real.length;
    }

    private static int[] nearest(List<float[]> asked, List<float[]> gallery, Encoder encoder) {
        List<float[]> places = gallery.stream().map(encoder::encode).toList();
        return asked.stream().mapToInt(row -> nearest(encoder.encode(row), places)).toArray();
    }

    private static int nearest(float[] vector, List<float[]> places) {
        int nearest = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int at = 0; at < places.size(); at++) {
            double distance = 0;
            float[] place = places.get(at);
            for (int k = 0; k < vector.length; k++) {
                distance += (vector[k] - place[k]) * (vector[k] - place[k]);
            }
            if (distance < least) {
                least = distance;
                nearest = at;
            }
        }
        return nearest;
    }
}
