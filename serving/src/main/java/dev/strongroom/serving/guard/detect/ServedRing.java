package dev.strongroom.serving.guard.detect;

import java.util.Arrays;

/**
 * The last served queries of one model and tenant, for each predicted class a bounded ring, with
 * the principal who made each. Finds the nearest one of the same principal and of all others.
 *
 * <p>Not thread-safe; {@link Detector} guards it. What it forgets is the oldest query of a class.
 */
final class ServedRing {
    /** Owner of an empty slot. */
    static final long NOBODY = Long.MIN_VALUE;

    private final int[] slots;
    private final int dimensions;
    private final float[][] places; // [class][dimension * slots + slot]: slots side by side
    private final long[][] owners;
    private final int[] next;

    ServedRing(References references) {
        int classes = references.classes();
        this.slots = new int[classes];
        for (int at = 0; at < classes; at++) {
            slots[at] = references.count(at); // a fuller ring would be nearer than calibrated
        }
        this.dimensions = references.dimensions();
        this.places = new float[classes][];
        this.owners = new long[classes][];
        this.next = new int[classes];
    }

    /**
     * Squared distances to the nearest earlier queries: infinite when there is none.
     *
     * @param owned how many earlier queries were the principal's own
     */
    record Nearest(float own, int owned, float other, long otherOwner) {
        static final Nearest NONE =
                new Nearest(Float.POSITIVE_INFINITY, 0, Float.POSITIVE_INFINITY, NOBODY);
    }

    Nearest nearest(int predicted, float[] place, long owner) {
        if (owners[predicted] == null) {
            return Nearest.NONE;
        }
        var distances = new float[slots[predicted]];
        References.measure(places[predicted], place, distances, dimensions);
        float own = Float.POSITIVE_INFINITY;
        int owned = 0;
        float other = Float.POSITIVE_INFINITY;
        long otherOwner = NOBODY;
        long[] who = owners[predicted];
        for (int slot = 0; slot < distances.length; slot++) {
            if (who[slot] == owner) {
                own = Math.min(own, distances[slot]);
                owned++;
            } else if (who[slot] != NOBODY && distances[slot] < other) {
                other = distances[slot];
                otherOwner = who[slot];
            }
        }
        return new Nearest(own, owned, other, otherOwner);
    }

    void add(int predicted, float[] place, long owner) {
        int count = slots[predicted];
        if (count == 0) {
            return;
        }
        if (owners[predicted] == null) { // many models answer few of their classes
            places[predicted] = new float[dimensions * count];
            owners[predicted] = new long[count];
            Arrays.fill(owners[predicted], NOBODY);
        }
        int slot = next[predicted];
        for (int k = 0; k < dimensions; k++) {
            places[predicted][k * count + slot] = place[k];
        }
        owners[predicted][slot] = owner;
        next[predicted] = (slot + 1) % count;
    }
}
