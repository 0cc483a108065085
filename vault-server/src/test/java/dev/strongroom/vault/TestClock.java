package dev.strongroom.vault;

import dev.strongroom.attestation.EvidenceVerifier;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A clock that stands still until a test moves it. */
public final class TestClock implements InstantSource {
    private volatile Instant now = Instant.now();
    private final AtomicReference<@Nullable Event> duringVerification = new AtomicReference<>();

    @Override
    public Instant instant() {
        if (duringVerification.get() != null && isAskedByTheVerifier()) {
            Event event = duringVerification.getAndSet(null);
            if (event != null) {
                happen(event);
            }
        }
        return now;
    }

    /** What a test has happen at some moment. */
    @FunctionalInterface
    interface Event {
        void happen() throws Exception;
    }

    private static void happen(Event event) {
        try {
            event.happen();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isAskedByTheVerifier() {
        return StackWalker.getInstance()
                .walk(frames ->
                        frames.anyMatch(frame ->
                                frame.getClassName().equals(EvidenceVerifier.class.getName())));
    }

    public void advance(Duration by) {
        now = now.plus(by);
    }

    /** Runs this once, in the middle of the next verification of evidence. */
    void duringVerification(Event event) {
        duringVerification.set(event);
    }
}
