package dev.strongroom.serving.rest;

import dev.strongroom.serving.infer.Admission;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * A lease of which a test gives inferences one by one: who wants another waits for it.
 *
 * @param permits what is left to take
 */
record Steps(Semaphore permits) implements Admission {
    static final int MANY = 1 << 20;

    /** More than any test takes. */
    static Steps many() {
        return new Steps(new Semaphore(MANY));
    }

    /** Taken of {@link #many}. */
    int taken() {
        return MANY - permits.availablePermits();
    }

    @Override
    public Optional<Refusal> take() {
        permits.acquireUninterruptibly();
        return Optional.empty();
    }

    @Override
    public Optional<Refusal> refusal() {
        return Optional.empty();
    }

    @Override
    public Optional<Refusal> interruption() {
        return Optional.empty();
    }
}
