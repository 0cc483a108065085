package dev.strongroom.serving.guard.limit;

import java.time.Duration;
import java.util.Optional;

/** The time for which a lease gives callers rows. Thread-safe; never blocks. */
@FunctionalInterface
public interface LeasePeriod {
    /** Only becomes greater. */
    long number();

    /** Until the next one begins, at the latest; empty where nobody knows. */
    default Optional<Duration> left() {
        return Optional.empty();
    }
}
