package dev.strongroom.serving.infer;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who waits on this node for a worker, and whether one more may come. Nobody comes in who would
 * wait longer than is promised, and half of the places to wait is the most that one identity has.
 *
 * <p>Not thread-safe.
 */
final class WaitingRoom {
    private final ServingLimits limits;
    private final Shares bytes; // of what waits and runs
    private final Map<String, Integer> places = new HashMap<>(); // of each identity
    private final ServiceTime serviceTime = new ServiceTime();
    private int undecided; // have a place and are not in line
    private int passing; // of those, as many that need no worker, as it seems
    private int waiting;
    private int idle; // workers

    /**
     * @param bytes of all requests that this node keeps
     */
    WaitingRoom(ServingLimits limits, Shares bytes) {
        this.limits = limits;
        this.bytes = bytes;
        this.idle = limits.workers();
    }

    /** Gives a job a place, if there is one. */
    void enter(Job job) throws RefusedException {
        int more = idle + (nobodyWaits() ? passing : 0); // as long as they keep nobody waiting
        if (waiting + undecided >= limits.queued() + more
                || places.getOrDefault(job.identity(), 0) >= share() + more) {
            throw overloaded();
        }
        requireInTime();
        if (!bytes.take(job.identity(), job.bytes())) {
            throw overloaded();
        }
        places.merge(job.identity(), 1, Integer::sum);
        undecided++;
    }

    /** One that entered goes as it came. */
    void turnBack(Job job) {
        undecided--;
        leavePlace(job);
        bytes.give(job.identity(), job.bytes());
    }

    /** One that entered goes past those in line, because there are none. */
    void pass() {
        passing++;
    }

    /** It does not, or no more. */
    void stay() {
        passing--;
    }

    /** One that entered is in line. */
    void lineUp() {
        undecided--;
        waiting++;
    }

    /** Those that were in line run together. */
    void begin(List<Job> batch) {
        waiting -= batch.size();
        batch.forEach(this::leavePlace);
        idle--;
    }

    /** They have run. */
    void end(List<Job> batch, long nanos) {
        idle++;
        batch.forEach(job -> bytes.give(job.identity(), job.bytes()));
        serviceTime.add(nanos, batch.size());
    }

    /** Nobody is in line any more. */
    void clear() {
        waiting = 0;
    }

    boolean nobodyWaits() {
        return waiting == 0;
    }

    /** Workers with nothing to do. */
    int idle() {
        return idle;
    }

    /** Of the places to wait, one identity's; others find the rest. */
    private int share() {
        return limits.queued() - limits.queued() / 2;
    }

    private void leavePlace(Job job) {
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
}
