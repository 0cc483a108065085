package dev.strongroom.serving.infer;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** What comes after a step of a generation. */
sealed interface Turn {
    /** Another step, behind everybody else's next one. */
    record Again() implements Turn {}

    /** Another step once this is known. */
    record Wait(CompletionStage<?> unknown) implements Turn {}

    /** Another step after a while. */
    record Pause(Duration time) implements Turn {}

    /** Nothing: its call has ended. */
    record Over() implements Turn {}
}
