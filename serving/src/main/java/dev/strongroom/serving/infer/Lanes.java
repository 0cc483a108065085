package dev.strongroom.serving.infer;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    private final ServingLimits limits;
    private final Consumer<List<Job>> run;
    private final List<Thread> workers = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final ArrayDeque<ServedModel> turns = new ArrayDeque<>(); // those with jobs
    private final ServiceTime serviceTime = new ServiceTime();
    private final Company company = new Company();
    private final Map<String, Integer> places = new HashMap<>(); // of each identity
    private final Shares bytes; // of what waits and runs
    private int undecided; // have a place and are not in line
    private int waiting;
    private int running; // jobs, several to a run
    private int idle;
    private boolean closed;

    /**
     * @param bytes of all requests that this node keeps
     * @param run does one batch; whatever happens, it ends every call
     */
    Lanes(ServingLimits limits, Shares bytes, Consumer<List<Job>> run) {
        this.limits = limits;
        this.run = run;
        this.idle = limits.workers();
        this.bytes = bytes;
        for (int i = 0; i < limits.workers(); i++) {
            workers.add(Thread.ofPlatform().name("inference-" + i).start(this::work));
        }
    }

    /**
     * Gives it a place, before it is known whether it may run. Who has one comes in line, or gives
     * it back.
     */
    void reserve(Job job) throws RefusedException {
        lock.lock();
        try {
            requireRoom(job);
            places.merge(job.identity(), 1, Integer::sum);
            undecided++;
        } finally {
            lock.unlock();
        }
    }

    /** Of a job that does not come in line. */
    void giveBack(Job job) {
        lock.lock();
        try {
            undecided--;
            leave(job);
            bytes.give(job.identity(), job.bytes());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Has a job with a place wait for a worker.
     *
     * @throws RefusedException when it is closed; the place is given back
     */
    void add(Job job) throws RefusedException {
        lock.lock();
        try {
            if (closed) {
                giveBack(job);
                throw RefusedException.draining();
            }
            undecided--;
            Lane lane = job.model().lane();
            if (lane.size() == 0) {
                turns.addLast(job.model());
            }
            lane.add(job);
            waiting++;
            company.underWay(waiting + running);
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
            throw RefusedException.draining();
        }
        if (waiting + undecided >= limits.queued() + idle
                || places.getOrDefault(job.identity(), 0) >= share() + idle) {
            throw overloaded();
        }
        requireInTime();
        if (!bytes.take(job.identity(), job.bytes())) {
            throw overloaded();
        }
    }

    /** Of the places to wait, one identity's; others find the rest. */
    private int share() {
        return limits.queued() - limits.queued() / 2;
    }

    private void leave(Job job) {
        places.computeIfPresent(job.identity(), (_, had) -> had == 1 ? null : had - 1);
    }

    private void requireInTime() throws RefusedException {
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
                "this node runs %d inferences at a time and lets %d wait, %d of one identity; try"
                                .formatted(limits.workers(), limits.queued(), share())
                        + " again later",
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
            while (true) {
                ServedModel model = free();
                if (model != null) {
                    if (!awaitCompany(model)) {
                        return take(model);
                    }
                } else if (closed && turns.isEmpty()) {
                    return null;
                } else {
                    work.awaitUninterruptibly();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * The first model in turn that may have another run beside those under way, if there is one.
     */
    private @Nullable ServedModel free() {
        for (ServedModel model : turns) {
            if (model.lane().running() < model.settings().atOnce()) {
                return model;
            }
        }
        return null;
    }

    /**
     * Lets those who can be expected in a moment come too, if they may run with what has come.
     *
     * @return true if it waited, so that everything may be different now
     */
    private boolean awaitCompany(ServedModel model) {
        Duration run = serviceTime.of(model.settings().batchRows());
        long patience = company.patience(waiting + running, run);
        long left = patience;
        try {
            while (left > 0 && hasRoomForMore(model)) {
                left = work.awaitNanos(left);
                if (left <= 0) {
                    company.inVain(waiting + running);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return left < patience;
    }

    private boolean hasRoomForMore(ServedModel model) {
        return !closed
                && model.batches()
                && turns.size() == 1
                && turns.getFirst() == model
                && model.lane().size() < model.settings().batchRows() * atHand(model)
                && company.expectsMore(waiting + running);
    }

    private List<Job> take(ServedModel model) {
        turns.remove(model);
        Lane lane = model.lane();
        List<Job> batch = lane.take(share(model));
        lane.begin();
        if (lane.size() > 0) {
            turns.addLast(model);
        }
        if (closed) {
            work.signalAll(); // there may be nothing more to do
        } else if (!turns.isEmpty()) {
            work.signal();
        }
        waiting -= batch.size();
        running += batch.size();
        batch.forEach(this::leave);
        idle--;
        return batch;
    }

    /** Leaves the other workers that have nothing to do their part. */
    private int share(ServedModel model) {
        int part = Math.ceilDiv(model.lane().size(), atHand(model));
        return model.batches() ? Math.min(model.settings().batchRows(), part) : 1;
    }

    /** Workers that can run this model now, the one that asks with them. */
    private int atHand(ServedModel model) {
        return Math.max(1, Math.min(idle, model.settings().atOnce() - model.lane().running()));
    }

    private void done(List<Job> batch, long nanos) {
        lock.lock();
        try {
            idle++;
            running -= batch.size();
            batch.getFirst().model().lane().end();
            if (!turns.isEmpty()) {
                work.signal(); // a model that had all its runs may have another one
            }
            batch.forEach(job -> bytes.give(job.identity(), job.bytes()));
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
        rest.forEach(job -> job.refuse(RefusedException.draining()));
    }
}
