package dev.strongroom.serving.guard.detect;

/**
 * Places of honest samples of each class, side by side. Immutable once filled; thread-safe then.
 */
final class References {
    private final int dimensions;
    private final float[][] places; // [class][dimension * count + sample]
    private final int[] counts;

    References(float[][] places, int dimensions) {
        this.places = places;
        this.dimensions = dimensions;
        this.counts = new int[places.length];
        for (int at = 0; at < counts.length; at++) {
            counts[at] = places[at].length / dimensions;
        }
    }

    int classes() {
        return counts.length;
    }

    int dimensions() {
        return dimensions;
    }

    int count(int predicted) {
        return counts[predicted];
    }

    float[] places(int predicted) {
        return places[predicted];
    }

    /** Squared distance to the nearest sample of a class: infinite when it has none. */
    float nearest(int predicted, float[] place) {
        var distances = new float[counts[predicted]];
        measure(places[predicted], place, distances, dimensions);
        float nearest = Float.POSITIVE_INFINITY;
        for (float distance : distances) {
            nearest = Math.min(nearest, distance);
        }
        return nearest;
    }

    /** Squared. */
    static float distance(float[] place, float[] other) {
        float sum = 0;
        for (int k = 0; k < place.length; k++) {
            float difference = place[k] - other[k];
            sum += difference * difference;
        }
        return sum;
    }

    /** Squared distances to each stored place; columns of {@code distances.length} places. */
    static void measure(float[] stored, float[] place, float[] distances, int dimensions) {
        int count = distances.length;
        for (int k = 0; k < dimensions; k++) {
            float at = place[k];
            int row = k * count;
            for (int slot = 0; slot < count; slot++) {
                float difference = stored[row + slot] - at;
                distances[slot] += difference * difference;
            }
        }
    }
}
