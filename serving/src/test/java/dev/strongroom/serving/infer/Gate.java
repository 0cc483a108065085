package dev.strongroom.serving.infer;

import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** A lease without an end, at which workers wait while it is shut. */
final class Gate implements Admission {
    private final Semaphore passes = new Semaphore(1 << 20);
    private final AtomicInteger passed = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    void shut() {
        passes.drainPermits();
    }

    void open() {
        passes.release(1 << 20);
    }

    /** Inferences that were let through. */
    int passed() {
        return passed.get();
    }

    /** Inferences that stand at it. */
    int waiting() {
        return waiting.get();
    }

    /** The most that ever stood at it at a time. */
    int mostWaiting() {
        return most.get();
    }

    @Override
    public Optional<Refusal> take() {
        most.accumulateAndGet(waiting.incrementAndGet(), Math::max);
        passes.acquireUninterruptibly();
        waiting.decrementAndGet();
        passed.incrementAndGet();
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
