package dev.strongroom.serving.guard.detect;

/**
 * Distance of features to the mean of their predicted class, in units of the covariance that the
 * classes share (Mahalanobis distance).
 *
 * <p>Immutable and thread-safe.
 */
final class Whitening {
    private final int size;
    private final float[] factor; // inverse Cholesky factor, transposed: [feature][whitened]
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

    /** Squared distance of {@code features} to the mean of {@code predicted}. */
    float distance(float[] features, int predicted) {
        var white = new float[size];
        for (int feature = 0; feature < size; feature++) {
            float value = features[feature];
            if (value == 0) {
                continue; // half of all rectified features
            }
            int row = feature * size;
            for (int k = feature; k < size; k++) {
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
