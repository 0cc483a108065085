package dev.strongroom.serving.guard.detect;

/** Shortens long vectors to means of neighbouring values, so that judging a query stays cheap. */
final class Folding {
    private Folding() {}

    /** The smaller of {@code size} and {@code most}, after which each value is a mean. */
    static int length(int size, int most) {
        int block = (size + most - 1) / most;
        return (size + block - 1) / block;
    }

    static float[] fold(float[] values, int length) {
        if (values.length == length) {
            return values;
        }
        int block = (values.length + length - 1) / length;
        var folded = new float[length];
        for (int at = 0; at < values.length; at++) {
            folded[at / block] += values[at];
        }
        for (int at = 0; at < length; at++) {
            folded[at] /= Math.min(block, values.length - at * block);
        }
        return folded;
    }
}
