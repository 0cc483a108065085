package dev.strongroom.serving.guard.leak;

/**
 * How many independent directions a principal or group has seen of vectors that lie in a space of
 * few dimensions, as the logits of a language model do. Who has seen all of them has the projection
 * layer up to a rotation; a policy stops well before.
 *
 * <p>Keeps an orthonormal basis of sketches (each coordinate is added, with a sign, to a few of the
 * sketch's), which have the vectors' rank up to the limit for all but unlucky seeds. Not
 * thread-safe; about {@code 8 limit} bytes for each direction seen.
 */
public final class RankMeter {
    private static final int SPREAD = 4; // buckets of each coordinate

    private final int limit;
    private final double tolerance;
    private final long seed;
    private final float[][] basis;
    private final float[] sketch;
    private int rank;

    /**
     * @param limit directions after which counting ends
     * @param tolerance what is left of a vector of length one outside the directions seen before it
     *     counts as a new direction: above the noise and rounding of answers
     * @param seed secret, so that nobody can choose vectors whose sketches coincide
     */
    public RankMeter(int limit, double tolerance, long seed) {
        if (limit < 1 || limit > 4096 || !(tolerance > 0 && tolerance < 1)) {
            throw new IllegalArgumentException("expected a limit of 1 to 4096, tolerance below 1");
        }
        this.limit = limit;
        this.tolerance = tolerance;
        this.seed = seed;
        this.sketch = new float[2 * limit + 16];
        this.basis = new float[limit][];
    }

    /** Adds a vector that was returned; {@link #rank()} directions are known then. */
    public int add(float[] vector) {
        admit(vector, limit);
        return rank;
    }

    /**
     * Adds a vector unless it is a direction too many.
     *
     * @param most directions that there may be then
     * @return false: it is one too many, and was not added
     */
    boolean admit(float[] vector, int most) {
        project(vector);
        double length = length();
        if (length == 0) {
            return true;
        }
        removeKnown();
        removeKnown(); // twice is enough against rounding
        double left = length();
        if (!(left > tolerance * length)) {
            return true;
        }
        if (rank >= Math.min(most, limit)) {
            return false;
        }
        keep(left);
        return true;
    }

    /** Directions seen, at most the limit. */
    public int rank() {
        return rank;
    }

    public boolean exhausted() {
        return rank == limit;
    }

    private void project(float[] vector) {
        java.util.Arrays.fill(sketch, 0);
        for (int at = 0; at < vector.length; at++) {
            long hash = mix(seed + at * 0x9e3779b97f4a7c15L);
            for (int spread = 0; spread < SPREAD; spread++) {
                int bucket = (int) ((hash >>> 1 & 0x7fff) % sketch.length);
                sketch[bucket] += (hash & 1) == 0 ? vector[at] : -vector[at];
                hash >>>= 16;
            }
        }
    }

    private void removeKnown() {
        for (int direction = 0; direction < rank; direction++) {
            float[] known = basis[direction];
            double along = 0;
            for (int at = 0; at < sketch.length; at++) {
                along += (double) known[at] * sketch[at];
            }
            for (int at = 0; at < sketch.length; at++) {
                sketch[at] -= (float) (along * known[at]);
            }
        }
    }

    private void keep(double length) {
        var direction = new float[sketch.length];
        for (int at = 0; at < sketch.length; at++) {
            direction[at] = (float) (sketch[at] / length);
        }
        basis[rank++] = direction;
    }

    private double length() {
        double sum = 0;
        for (float value : sketch) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
