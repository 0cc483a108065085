package dev.strongroom.serving.guard.leak;

/**
 * How many independent directions a principal or group has seen of vectors that lie in a space of
 * few dimensions, as the logits of a language model do. Who has seen all of them has the projection
 * layer up to a rotation; a policy stops well before.
 *
 * <p>Keeps an orthonormal basis of what was shown. A vector that counts as none more is shown as
 * its projection on it: what is left outside would be a direction that nobody counted. Vectors of
 * different lengths are filled up with zeros.
 *
 * <p>Not thread-safe; four bytes for each number of each direction seen.
 */
public final class RankMeter {
    private final int limit;
    private final double tolerance;
    private final float[][] basis;
    private int rank;

    /** What becomes of a vector. */
    public enum Sight {
        /** A direction more: it is shown as it is. */
        NEW,
        /** None more: it is shown as its projection on those seen. */
        KNOWN,
        /** One too many: it is not shown. */
        TOO_MANY
    }

    /**
     * @param limit directions after which counting ends
     * @param tolerance what is left of a vector of length one outside the directions seen before it
     *     counts as a new direction: above the noise and rounding of answers
     */
    public RankMeter(int limit, double tolerance) {
        if (limit < 1 || limit > 4096 || !(tolerance > 0 && tolerance < 1)) {
            throw new IllegalArgumentException("expected a limit of 1 to 4096, tolerance below 1");
        }
        this.limit = limit;
        this.tolerance = tolerance;
        this.basis = new float[limit][];
    }

    /** Adds a vector that was returned; {@link #rank()} directions are known then. */
    public int add(float[] vector) {
        var copy = new double[vector.length];
        for (int at = 0; at < copy.length; at++) {
            copy[at] = vector[at];
        }
        show(copy, limit);
        return rank;
    }

    /**
     * Adds a vector unless it is a direction too many.
     *
     * @param vector finite; becomes its projection when the answer is KNOWN
     * @param most directions that there may be then
     */
    Sight show(double[] vector, int most) {
        double unit = greatest(vector); // so that no square of a number is zero or too large
        if (unit == 0) {
            return Sight.KNOWN;
        }
        var rest = new double[vector.length];
        for (int at = 0; at < rest.length; at++) {
            rest[at] = vector[at] / unit;
        }
        double length = length(rest);
        removeKnown(rest);
        removeKnown(rest); // twice is enough against rounding
        double left = length(rest);
        if (left > tolerance * length) {
            return keep(rest, left, most) ? Sight.NEW : Sight.TOO_MANY;
        }
        project(vector, unit);
        return Sight.KNOWN;
    }

    /** Directions seen, at most the limit. */
    public int rank() {
        return rank;
    }

    public boolean exhausted() {
        return rank == limit;
    }

    /** Puts the known part together from what it has of each direction, and of nothing else. */
    private void project(double[] vector, double unit) {
        var parts = new double[rank];
        for (int direction = 0; direction < rank; direction++) {
            parts[direction] = along(basis[direction], vector, unit);
        }
        java.util.Arrays.fill(vector, 0);
        for (int direction = 0; direction < rank; direction++) {
            float[] known = basis[direction];
            for (int at = 0; at < Math.min(known.length, vector.length); at++) {
                vector[at] += parts[direction] * known[at] * unit;
            }
        }
    }

    private void removeKnown(double[] rest) {
        for (int direction = 0; direction < rank; direction++) {
            float[] known = basis[direction];
            double along = along(known, rest, 1);
            for (int at = 0; at < Math.min(known.length, rest.length); at++) {
                rest[at] -= along * known[at];
            }
        }
    }

    private static double along(float[] known, double[] vector, double unit) {
        double sum = 0;
        for (int at = 0; at < Math.min(known.length, vector.length); at++) {
            sum += known[at] * (vector[at] / unit);
        }
        return sum;
    }

    private boolean keep(double[] rest, double length, int most) {
        if (rank >= Math.min(most, limit)) {
            return false;
        }
        var direction = new float[rest.length];
        for (int at = 0; at < direction.length; at++) {
            direction[at] = (float) (rest[at] / length);
        }
        basis[rank++] = direction;
        return true;
    }

    private static double greatest(double[] vector) {
        double most = 0;
        for (double value : vector) {
            most = Math.max(most, Math.abs(value));
        }
        return most;
    }

    private static double length(double[] vector) {
        double sum = 0;
        for (double value : vector) {
            sum += value * value;
        }
        return Math.sqrt(sum);
    }
}
