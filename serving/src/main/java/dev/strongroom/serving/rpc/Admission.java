package dev.strongroom.serving.rpc;

import java.util.Optional;

/** Asked before every inference whether one more may run. Thread-safe. */
@FunctionalInterface
public interface Admission {
    /** Takes one inference from what is allowed, or says why there is none left. */
    Optional<Refusal> take();

    /**
     * Why not.
     *
     * @param reason stable, upper case
     * @param message what ended and what happens next
     */
    record Refusal(String reason, String message) {}
}
