package dev.strongroom.serving.infer;

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
 * Everything that waits for a worker of this node, and the workers. Tenants take turns, a tenant's
 * models do, and within a model its callers' connections. What finds no room, or would wait longer
 * than is promised, is refused at once.
 *
 * <p>Thread-safe. The owner closes it; what waits and runs is done first.
 */
final class Lanes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);

    private static final Duration DRAIN = Duration.ofSeconds(30); // then what waits is refused

    private final Consumer<List<Job>> run;
    private final List<Thread> workers = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final ArrayDeque<ServedModel> turns = new ArrayDeque<>(); // those with jobs
    private final WaitingRoom room;
    private final FairWorkers fair;
    private boolean closed;

    /**
     * @param bytes of all requests that this node keeps
     * @param run does one batch; whatever happens, it ends every call
     */
    Lanes(ServingLimits limits, Shares bytes, Consumer<List<Job>> run) {
        this.run = run;
        this.room = new WaitingRoom(limits, bytes);
        this.fair = new FairWorkers(limits.tenants());
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
            if (closed) {
                throw RefusedException.draining();
            }
            room.enter(job);
        } finally {
            lock.unlock();
        }
    }

    /** Of a job that does not come in line. */
    void giveBack(Job job) {
        lock.lock();
        try {
            room.turnBack(job);
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
            room.lineUp(job);
            Lane lane = job.model().lane();
            if (lane.size() == 0) {
                turns.addLast(job.model());
            }
            lane.add(job);
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Has a job with a place go on without coming in line, if nothing waits that it would overtake.
     * What it has here it keeps until it has {@link #passed}, or comes in line after all.
     *
     * @return false when it has to come in line
     */
    boolean passes() {
        lock.lock();
        try {
            boolean free = room.nobodyWaits() && !closed;
            if (free) {
                room.pass();
            }
            return free;
        } finally {
            lock.unlock();
        }
    }

    /** Those that went so have ended. */
    void passed(List<Job> jobs) {
        lock.lock();
        try {
            for (Job job : jobs) {
                room.stay();
                room.turnBack(job);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * As {@link #add}, of one that went so: it has its place, however many wait.
     *
     * @throws RefusedException when it is closed; the place is given back
     */
    void comeBack(Job job) throws RefusedException {
        lock.lock();
        try {
            room.stay();
            add(job);
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

    private void work() {
        List<Job> batch;
        while ((batch = next()) != null) {
            long start = System.nanoTime();
            try {
                run.accept(batch);
            } catch (RuntimeException | Error e) { // of a transport that is gone; it is outlived
                Lasting.tell(LOG, "inference.worker", e);
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
        ServedModel first = null;
        for (ServedModel model : turns) {
            if (mayRun(model) && (first == null || fair.before(model.tenant(), first.tenant()))) {
                if (fair.alone()) {
                    return model;
                }
                first = model;
            }
        }
        return first;
    }

    private boolean mayRun(ServedModel model) {
        return model.lane().running() < model.settings().atOnce()
                && fair.atHand(model.tenant(), room.idle()) > 0;
    }

    /**
     * Lets those who can be expected in a moment come too, if they may run with what has come.
     *
     * @return true if it waited, so that everything may be different now
     */
    private boolean awaitCompany(ServedModel model) {
        Company company = model.lane().company();
        long patience = company.patience(model.lane().size(), atHand(model));
        long left = patience;
        try {
            while (left > 0 && hasRoomForMore(model)) {
                left = work.awaitNanos(left);
                if (left <= 0) {
                    company.inVain();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return left < patience;
    }

    private boolean hasRoomForMore(ServedModel model) {
        int waiting = model.lane().size();
        int workers = atHand(model);
        return !closed
                && model.batches()
                && turns.size() == 1
                && turns.getFirst() == model
                && waiting < model.settings().batchRows() * workers
                && model.lane().company().expectsMore(waiting, workers);
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
        room.begin(batch);
        fair.begin(model.tenant());
        return batch;
    }

    /** Leaves the other workers that have nothing to do their part. */
    private int share(ServedModel model) {
        int part = Math.ceilDiv(model.lane().size(), atHand(model));
        return model.batches() ? Math.min(model.settings().batchRows(), part) : 1;
    }

    /** Workers that can run this model now, the one that asks with them. */
    private int atHand(ServedModel model) {
        return Math.max(
                1,
                Math.min(
                        fair.atHand(model.tenant(), room.idle()),
                        model.settings().atOnce() - model.lane().running()));
    }

    private void done(List<Job> batch, long nanos) {
        lock.lock();
        try {
            room.end(batch, nanos);
            ServedModel model = batch.getFirst().model();
            model.lane().end(batch.size(), nanos);
            fair.end(model.tenant());
            if (!turns.isEmpty()) {
                work.signal(); // a model that had all its runs may have another one
            }
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
            room.clear();
        } finally {
            lock.unlock();
        }
        rest.forEach(job -> job.refuse(RefusedException.draining()));
    }
}
