package dev.strongroom.fingerprint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What is left of a suspect when the original is taken away, each tensor weighted by how loud a
 * mark would be in it. Computed once, tested against any number of keys. Nothing here knows a key,
 * which is why the bound of {@link Score} holds whatever is done here.
 *
 * <p>Filling is for one thread; testing afterwards is thread-safe.
 */
public final class Residual {
    private static final int SAMPLE = 10_000;
    private static final float CLIP =
            6; // times the median; a few huge changes would drown the rest

    private record Part(String tensor, float[] weighted) {}

    private final List<Part> parts = new ArrayList<>();
    private double squares;
    private long weights;

    /** Nothing compared yet. */
    public Residual() {}

    /**
     * Adds one tensor. Weights that are zero in the suspect were pruned, not changed, and do not
     * count.
     *
     * @param tensor name in the original's graph
     * @param original row-major
     * @param suspect the same weights in the suspect, aligned
     */
    public void add(String tensor, float[] original, float[] suspect) {
        if (original.length != suspect.length) {
            throw new IllegalArgumentException(
                    "tensor '%s': the suspect has %d weights, the original %d"
                            .formatted(tensor, suspect.length, original.length));
        }
        float[] difference = new float[original.length];
        double originalSquares = 0;
        for (int i = 0; i < difference.length; i++) {
            originalSquares += (double) original[i] * original[i];
            float change = suspect[i] == 0 ? 0 : suspect[i] - original[i];
            difference[i] = Float.isFinite(change) ? change : 0;
        }
        long changed = clip(difference);
        double variance = meanSquare(difference, changed);
        double loudness = Math.sqrt(originalSquares / Math.max(1, original.length));
        if (changed == 0 || variance == 0 || loudness == 0 || !Double.isFinite(loudness)) {
            return;
        }
        scale(difference, loudness / variance);
        parts.add(new Part(tensor, difference));
        weights += changed;
    }

    /** How well the suspect fits a key. */
    public Score test(RecipientKey key) {
        double correlation = 0;
        for (Part part : parts) {
            Chips chips = key.chips(part.tensor);
            double sum = 0;
            for (float weighted : part.weighted) {
                sum += weighted * chips.next();
            }
            correlation += sum;
        }
        return new Score(squares == 0 ? 0 : correlation / Math.sqrt(squares), weights);
    }

    private static long clip(float[] difference) {
        float limit = CLIP * typical(difference);
        long changed = 0;
        for (int i = 0; i < difference.length; i++) {
            if (difference[i] != 0) {
                changed++;
                difference[i] = Math.clamp(difference[i], -limit, limit);
            }
        }
        return changed;
    }

    /** Median size of the changes, from evenly spaced ones. */
    private static float typical(float[] difference) {
        int stride = Math.max(1, difference.length / SAMPLE);
        float[] sizes = new float[difference.length / stride + 1];
        int found = 0;
        for (int i = 0; i < difference.length; i += stride) {
            if (difference[i] != 0) {
                sizes[found++] = Math.abs(difference[i]);
            }
        }
        if (found == 0) {
            return Float.MAX_VALUE / CLIP / 2;
        }
        Arrays.sort(sizes, 0, found);
        return sizes[found / 2];
    }

    private static double meanSquare(float[] difference, long changed) {
        double sum = 0;
        for (float each : difference) {
            sum += (double) each * each;
        }
        return sum / Math.max(1, changed);
    }

    private void scale(float[] difference, double factor) {
        for (int i = 0; i < difference.length; i++) {
            difference[i] = (float) (difference[i] * factor);
            squares += (double) difference[i] * difference[i];
        }
    }
}
