package dev.strongroom.serving.guard.detect;

/**
 * The principal directions of honest inputs. What they do not explain of an input is its residual;
 * its coordinates among them, each divided by a scale of its own, are its place, in which nearness
 * is measured.
 *
 * <p>Immutable and thread-safe.
 */
final class Subspace {
    private static final double LEAST_LENGTH = 1e-12; // of an input of zeros

    private final float[] mean;
    private final float[] directions; // [input][direction]: a column walk that vectorises
    private final float[] scales;

    Subspace(float[] mean, float[] directions, float[] scales) {
        this.mean = mean;
        this.directions = directions;
        this.scales = scales;
    }

    int size() {
        return mean.length;
    }

    int rank() {
        return scales.length;
    }

    float[] mean() {
        return mean;
    }

    float[] directions() {
        return directions;
    }

    float[] scales() {
        return scales;
    }

    float[] coordinates(float[] input) {
        int rank = scales.length;
        var coordinates = new float[rank];
        for (int at = 0; at < mean.length; at++) {
            float centred = input[at] - mean[at];
            int row = at * rank;
            for (int k = 0; k < rank; k++) {
                coordinates[k] += centred * directions[row + k];
            }
        }
        return coordinates;
    }

    /** What the directions leave over, as a share of the input's own squared length. */
    float residual(float[] input, float[] coordinates) {
        double left = 0;
        double length = 0;
        for (int at = 0; at < mean.length; at++) {
            double centred = input[at] - mean[at];
            left += centred * centred;
            length += (double) input[at] * input[at];
        }
        for (float coordinate : coordinates) {
            left -= (double) coordinate * coordinate;
        }
        return (float) (Math.max(0, left) / Math.max(length, LEAST_LENGTH));
    }

    float[] place(float[] coordinates) {
        var place = new float[coordinates.length];
        for (int k = 0; k < place.length; k++) {
            place[k] = coordinates[k] / scales[k];
        }
        return place;
    }
}
