package dev.strongroom.serving.infer;

import java.util.Optional;

/** Whether inferences may run. Thread-safe. */
public interface Admission {
    /** Takes one inference from what is allowed, or says why there is none left. */
    Optional<Refusal> take();

    /** Looks without taking. */
    Optional<Refusal> refusal();

    /**
     * Looks whether an inference that was taken may be answered: what ended meanwhile answers no
     * more, but the last one of a count does.
     */
    Optional<Refusal> interruption();

    /**
     * Why not.
     *
     * @param reason stable, upper case
     * @param message what ended and what to do
     */
    record Refusal(String reason, String message) {}
}
