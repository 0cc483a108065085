package dev.strongroom.serving.guard;

import dev.strongroom.crypto.format.GuardMeasure.Step;
import dev.strongroom.serving.infer.Caller;
import java.util.Optional;

/** What people, not evidence, hold against a caller. Thread-safe; never blocks. */
@FunctionalInterface
public interface Restraint {
    /** Nothing against anybody. */
    Restraint NONE = _ -> Optional.empty();

    /** The strictest step in force against a caller. */
    Optional<Step> against(Caller caller);
}
