package dev.strongroom.fingerprint;

import java.nio.FloatBuffer;
import java.util.List;

/**
 * Puts a recipient's mark into weights: every weight of a marked tensor moves by {@link #STRENGTH}
 * of the tensor's root mean square, up or down as the recipient's key says. Spread-spectrum
 * watermarking after Cox et al., "Secure spread spectrum watermarking for multimedia" (IEEE Trans.
 * Image Processing 6(12), 1997).
 */
public final class Marker {
    /** What moves no measured answer and still outlives int4 at a million weights. */
    public static final double STRENGTH = 0.003;

    private Marker() {}

    /**
     * Whether a tensor carries the mark: matrices and kernels of 32-bit floats. Biases and norms
     * are few and sensitive; a quantised weight cannot move by less than one of its steps.
     *
     * @param shape fixed sizes
     */
    public static boolean marks(List<Long> shape) {
        return shape.stream().filter(size -> size > 1).count() >= 2;
    }

    /**
     * Marks one tensor in place.
     *
     * @param tensor its name in the graph, which the signs depend on
     * @param weights row-major; every element is read and written once
     */
    public static void mark(RecipientKey key, String tensor, FloatBuffer weights) {
        float step = (float) (STRENGTH * rootMeanSquare(weights));
        if (!(step > 0) || !Float.isFinite(step)) {
            return; // all zeros, or no numbers: nothing to move
        }
        Chips chips = key.chips(tensor);
        int end = weights.limit();
        for (int i = weights.position(); i < end; i++) {
            weights.put(i, weights.get(i) + step * chips.next());
        }
    }

    static double rootMeanSquare(FloatBuffer weights) {
        double squares = 0;
        int end = weights.limit();
        for (int i = weights.position(); i < end; i++) {
            double weight = weights.get(i);
            squares += weight * weight;
        }
        return Math.sqrt(squares / Math.max(1, weights.remaining()));
    }
}
