package dev.strongroom.serving.infer;

import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that waits for a worker of this node, and the workers. Models take turns, and within a
 * model its callers' connections do. What finds no room, or would wait longer than is promised, is
 * refused at once.
 *
 * <p>Thread-safe. The owner closes it; what waits and runs is done first.
 */
final class Lanes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);

    private static final Duration DRAIN = Duration.ofSeconds(30); // then what waits is refused
    private static final long MESSAGES_IN_MEMORY = 4; // of the largest size; small ones many more

    private final ServingLimits limits;
    private final Consumer<List<Job>> run;
    private final List<Thread> workers = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final ArrayDeque<ServedModel> turns = new ArrayDeque<>(); // those with jobs
    private final ServiceTime serviceTime = new ServiceTime();
    private int waiting;
    private long bytes; // of what waits and runs
    private int idle;
    private boolean closed;

    /**
     * @param run does one batch; whatever happens, it ends every call
     */
    Lanes(ServingLimits limits, Consumer<List<Job>> run) {
        this.limits = limits;
        this.run = run;
        this.idle = limits.workers();
        for (int i = 0; i < limits.workers(); i++) {
            workers.add(Thread.ofPlatform().name("inference-" + i).start(this::work));
        }
    }

    /** Has it wait for a worker. */
    void add(Job job) throws RefusedException {
        lock.lock();
        try {
            requireRoom(job);
            Lane lane = job.model().lane();
            if (lane.size() == 0) {
                turns.addLast(job.model());
            }
            lane.add(job);
            waiting++;
            bytes += job.bytes();
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** True when nothing waits, so that nobody is overtaken by a job that does not wait. */
    boolean empty() {
        lock.lock();
        try {
            return waiting == 0 && !closed;
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Refuses new jobs, does those that wait and run, and refuses what takes too long. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
        } finally {
            lock.unlock();
        }
        long until = System.nanoTime() + DRAIN.toNanos();
        try {
            for (Thread worker : workers) {
                worker.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        refuseRest();
    }

    private void requireRoom(Job job) throws RefusedException {
        if (closed) {
            throw new RefusedException(
                    Status.Code.UNAVAILABLE, "DRAINING", "this node stops; try another one");
        }
        if (waiting >= limits.queued() + idle
                || bytes + job.bytes() > MESSAGES_IN_MEMORY * limits.messageBytes()) {
            throw overloaded();
        }
        Duration expected = expectedWait();
        if (expected.compareTo(limits.patience()) > 0) {
            throw RefusedException.exhausted(
                    "OVERLOADED",
                    "inferences would wait %d ms here and at most %d ms are promised; try again"
                                    .formatted(expected.toMillis(), limits.patience().toMillis())
                            + " later",
                    expected);
        }
    }

    private RefusedException overloaded() {
        return RefusedException.exhausted(
                "OVERLOADED",
                "this node runs %d inferences at a time and lets %d wait; try again later"
                        .formatted(limits.workers(), limits.queued()),
                expectedWait());
    }

    private Duration expectedWait() {
        return serviceTime.of(waiting).dividedBy(limits.workers());
    }

    private void work() {
        List<Job> batch;
        while ((batch = next()) != null) {
            long start = System.nanoTime();
            try {
                run.accept(batch);
            } catch (RuntimeException e) { // of a transport that is gone; a worker outlives it
                LOG.error("inference.worker", e);
            } finally {
                done(batch, System.nanoTime() - start);
            }
        }
    }

    /** Null once there is nothing more to do. */
    private @Nullable List<Job> next() {
        lock.lock();
        try {
            while (turns.isEmpty()) {
                if (closed) {
                    return null;
                }
                work.awaitUninterruptibly();
            }
            ServedModel model = turns.removeFirst();
            Lane lane = model.lane();
            List<Job> batch = lane.take(share(model));
            if (lane.size() > 0) {
                turns.addLast(model);
            }
            waiting -= batch.size();
            idle--;
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /** Leaves the other workers that have nothing to do their part. */
    private int share(ServedModel model) {
        int part = Math.ceilDiv(model.lane().size(), Math.max(1, idle));
        return model.batches() ? Math.min(limits.batchRows(), part) : 1;
    }

    private void done(List<Job> batch, long nanos) {
        lock.lock();
        try {
            idle++;
            batch.forEach(job -> bytes -= job.bytes());
            serviceTime.add(nanos, batch.size());
        } finally {
            lock.unlock();
        }
    }

    private void refuseRest() {
        List<Job> rest = new ArrayList<>();
        lock.lock();
        try {
            while (!turns.isEmpty()) {
                ServedModel model = turns.removeFirst();
                while (model.lane().size() > 0) {
                    rest.addAll(model.lane().take(1));
                }
            }
            waiting = 0;
        } finally {
            lock.unlock();
        }
        var stopped =
                new RefusedException(
                        Status.Code.UNAVAILABLE, "DRAINING", "this node stops; try another one");
        rest.forEach(job -> job.refuse(stopped));
    }
}
