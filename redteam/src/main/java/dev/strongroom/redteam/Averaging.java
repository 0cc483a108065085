package dev.strongroom.redteam;

import dev.strongroom.serving.guard.shape.Rung;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Asks for each answer many times with jittered inputs and averages the noise away. */
final class Averaging {
    private static final int CELL_PERMILLE = 250;
    private static final int AMPLITUDE_PERMILLE = 150;
    private static final double SIGMA = 0.05; // of fresh noise, for comparison
    private static final double JITTER = 0.003;
    private static final int REPEATS = 100;
    private static final int ANSWERS = 200;

    private Averaging() {}

    /** Mean absolute error of a probability: once, and averaged, for both kinds of noise. */
    static Map<String, Object> measure(World world, long seed) {
        var random = new Random(seed);
        var noisy = Shaping.under(Policy.noisy(CELL_PERMILLE, AMPLITUDE_PERMILLE), random);
        double once = 0;
        double fresh = 0;
        double keyed = 0;
        List<float[]> rows = world.thief().subList(0, ANSWERS);
        for (float[] row : rows) {
            float[] truth = world.victim().answer(row).probabilities();
            once += error(noisy.on(Rung.CONTRACT, truth), truth);
            var freshMean = new float[truth.length];
            var keyedMean = new float[truth.length];
            for (int repeat = 0; repeat < REPEATS; repeat++) {
                float[] answer = world.victim().answer(jittered(row, random)).probabilities();
                float[] disturbed = noisy.on(Rung.CONTRACT, answer);
                for (int at = 0; at < truth.length; at++) {
                    freshMean[at] += (float) (answer[at] + SIGMA * random.nextGaussian()) / REPEATS;
                    keyedMean[at] += disturbed[at] / REPEATS;
                }
            }
            fresh += error(freshMean, truth);
            keyed += error(keyedMean, truth);
        }
        var map = new LinkedHashMap<String, Object>();
        map.put("repeats", REPEATS);
        map.put("sigma", SIGMA);
        map.put("amplitude", AMPLITUDE_PERMILLE / 1000.0);
        map.put("errorOnce", once / rows.size());
        map.put("errorFreshNoiseAveraged", fresh / rows.size());
        map.put("errorCellNoiseAveraged", keyed / rows.size());
        return map;
    }

    private static float[] jittered(float[] row, Random random) {
        float[] moved = row.clone();
        for (int at = 0; at < moved.length; at++) {
            moved[at] += (float) (JITTER * random.nextGaussian());
        }
        return moved;
    }

    private static double error(float[] answer, float[] truth) {
        double sum = 0;
        for (int at = 0; at < truth.length; at++) {
            sum += Math.abs(answer[at] - truth[at]) / truth.length;
        }
        return sum;
    }
}
