package dev.strongroom.serving.guard.detect;

/**
 * Distance of a vector to the mean of its predicted class, in units of the covariance that the
 * classes share (Mahalanobis distance).
 *
 * <p>Immutable and thread-safe.
 */
final class Whitening {
    private final int size;
    private final float[] factor; // inverse Cholesky factor, transposed: [value][whitened]
    private final float[] means; // whitened class means: [class][whitened]

    Whitening(int size, float[] factor, float[] means) {
        this.size = size;
        this.factor = factor;
        this.means = means;
    }

    int size() {
        return size;
    }

    float[] factor() {
        return factor;
    }

    float[] means() {
        return means;
    }

    /** Squared distance of {@code values} to the mean of {@code predicted}. */
    float distance(float[] values, int predicted) {
        var white = new float[size];
        for (int at = 0; at < size; at++) {
            float value = values[at];
            if (value == 0) {
                continue; // half of all rectified features
            }
            int row = at * size;
            for (int k = at; k < size; k++) {
                white[k] += value * factor[row + k];
            }
        }
        double distance = 0;
        int mean = predicted * size;
        for (int k = 0; k < size; k++) {
            double difference = white[k] - means[mean + k];
            distance += difference * difference;
        }
        return (float) distance;
    }
}
