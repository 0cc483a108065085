package dev.strongroom.serving.guard.detect;

/**
 * The principal directions of honest inputs. What they do not explain of an input is its residual;
 * the first of its coordinates among them are its place, in which nearness is measured.
 *
 * <p>Immutable and thread-safe.
 */
final class Subspace {
    private final float[] mean;
    private final float[] directions; // [input][direction]: a column walk that vectorises
    private final int rank;

    Subspace(float[] mean, float[] directions, int rank) {
        this.mean = mean;
        this.directions = directions;
        this.rank = rank;
    }

    int size() {
        return mean.length;
    }

    int rank() {
        return rank;
    }

    float[] mean() {
        return mean;
    }

    float[] directions() {
        return directions;
    }

    float[] coordinates(float[] input) {
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

    /** Squared length of what the directions leave over. */
    float residual(float[] input, float[] coordinates) {
        double total = 0;
        for (int at = 0; at < mean.length; at++) {
            double centred = input[at] - mean[at];
            total += centred * centred;
        }
        for (float coordinate : coordinates) {
            total -= (double) coordinate * coordinate;
        }
        return (float) Math.max(0, total);
    }
}
