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
    private final float[] distances = new float[Calibration.MAX_RING];

    ServedRing(int[] slots, int dimensions) {
        this.slots = slots;
        this.dimensions = dimensions;
        this.places = new float[slots.length][];
        this.owners = new long[slots.length][];
        this.next = new int[slots.length];
    }

    /** Squared distances to the nearest earlier query: infinite when there is none. */
    record Nearest(float own, float other, long otherOwner) {
        static final Nearest NONE =
                new Nearest(Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY, NOBODY);
    }

    Nearest nearest(int predicted, float[] place, long owner) {
        if (owners[predicted] == null) {
            return Nearest.NONE;
        }
        int count = slots[predicted];
        measure(places[predicted], place, count);
        float own = Float.POSITIVE_INFINITY;
        float other = Float.POSITIVE_INFINITY;
        long otherOwner = NOBODY;
        long[] who = owners[predicted];
        for (int slot = 0; slot < count; slot++) {
            if (who[slot] == owner) {
                own = Math.min(own, distances[slot]);
            } else if (who[slot] != NOBODY && distances[slot] < other) {
                other = distances[slot];
                otherOwner = who[slot];
            }
        }
        return new Nearest(own, other, otherOwner);
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

    private void measure(float[] stored, float[] place, int count) {
        Arrays.fill(distances, 0, count, 0);
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
