package dev.strongroom.serving.infer;

import java.util.Optional;
import java.util.concurrent.Semaphore;

/** A lease without an end, at which workers wait while it is shut. */
final class Gate implements Admission {
    private final Semaphore passes = new Semaphore(1 << 20);

    void shut() {
        passes.drainPermits();
    }

    void open() {
        passes.release(1 << 20);
    }

    @Override
    public Optional<Refusal> take() {
        passes.acquireUninterruptibly();
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
