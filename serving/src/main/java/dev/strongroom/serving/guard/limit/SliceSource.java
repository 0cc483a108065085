package dev.strongroom.serving.guard.limit;

import java.util.concurrent.CompletableFuture;

/** Where slices of day budgets come from, one source for all nodes. Thread-safe. */
@FunctionalInterface
public interface SliceSource {
    /**
     * Takes rows of a caller's day. What was given is gone, whether or not the answer arrives.
     *
     * @param identity {@code tenant/role/name}
     * @param rowsPerDay of the caller, over all nodes
     * @param wanted as much as there is of it is given
     */
    CompletableFuture<Slice> take(String identity, long rowsPerDay, long wanted);
}
