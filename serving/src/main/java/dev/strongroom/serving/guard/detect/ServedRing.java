package dev.strongroom.serving.guard.detect;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The last served queries of one model and tenant, for each predicted class a bounded ring, with
 * the principal who made each. Finds the nearest one of the same principal and of all others.
 *
 * <p>Thread-safe: each class has a lock of its own. What it forgets is the oldest query of a class.
 */
final class ServedRing {
    /** Owner of an empty slot. */
    static final long NOBODY = Long.MIN_VALUE;

    private final int dimensions;
    private final AtomicReferenceArray<Ring> rings; // many models answer few of their classes
    private final References references;

    ServedRing(References references) {
        this.dimensions = references.dimensions();
        this.references = references;
        this.rings = new AtomicReferenceArray<>(references.classes());
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

    /** Finds the nearest of a class as {@link #visit} does, and keeps nothing. */
    Nearest look(int predicted, float[] place, long owner) {
        Ring ring = rings.get(predicted);
        return ring == null ? Nearest.NONE : ring.look(place, owner);
    }

    /** Finds the nearest of a class and keeps this one beside them. */
    Nearest visit(int predicted, float[] place, long owner) {
        int slots = references.count(predicted); // a fuller ring would be nearer than calibrated
        if (slots == 0) {
            return Nearest.NONE;
        }
        Ring ring = rings.get(predicted);
        if (ring == null) {
            rings.compareAndSet(predicted, null, new Ring(slots, dimensions));
            ring = Objects.requireNonNull(rings.get(predicted), "rings are never taken away");
        }
        return ring.visit(place, owner);
    }

    /** The last queries of one class. */
    private static final class Ring {
        private final int dimensions;
        private final float[] places; // [dimension * slots + slot]: slots side by side
        private final long[] owners;
        private int next;

        Ring(int slots, int dimensions) {
            this.dimensions = dimensions;
            this.places = new float[dimensions * slots];
            this.owners = new long[slots];
            Arrays.fill(owners, NOBODY);
        }

        synchronized Nearest visit(float[] place, long owner) {
            Nearest nearest = nearest(place, owner);
            add(place, owner);
            return nearest;
        }

        synchronized Nearest look(float[] place, long owner) {
            return nearest(place, owner);
        }

        private Nearest nearest(float[] place, long owner) {
            var distances = new float[owners.length];
            References.measure(places, place, distances, dimensions);
            float own = Float.POSITIVE_INFINITY;
            int owned = 0;
            float other = Float.POSITIVE_INFINITY;
            long otherOwner = NOBODY;
            for (int slot = 0; slot < distances.length; slot++) {
                if (owners[slot] == owner) {
                    own = Math.min(own, distances[slot]);
                    owned++;
                } else if (owners[slot] != NOBODY && distances[slot] < other) {
                    other = distances[slot];
                    otherOwner = owners[slot];
                }
            }
            return new Nearest(own, owned, other, otherOwner);
        }

        private void add(float[] place, long owner) {
            for (int k = 0; k < dimensions; k++) {
                places[k * owners.length + next] = place[k];
            }
            owners[next] = owner;
            next = (next + 1) % owners.length;
        }
    }
}
