package dev.strongroom.serving.models;

/**
 * What a model takes of its tenant's memory.
 *
 * @param weights bytes of its files, which is known before they are opened
 * @param copies what its session is expected to take beside them, until that is seen
 */
public record Footprint(long weights, long copies) {
    /** Of a session that computes on the weights where they are. */
    public static Footprint of(long weights) {
        return new Footprint(weights, 0);
    }

    long total() {
        return Math.addExact(weights, copies);
    }
}
