package dev.strongroom.serving.infer;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who waits on this node for a worker, and whether one more may come. Nobody comes in who would
 * wait longer than is promised. Tenants have equal parts of the places to wait, and half of a part
 * is the most that one identity has; how long somebody would wait, only his tenant's jobs decide.
 *
 * <p>Not thread-safe.
 */
final class WaitingRoom {
    private final ServingLimits limits;
    private final Shares bytes; // of what waits and runs
    private final Map<String, Integer> places = new HashMap<>(); // of each identity
    private final Part whole = new Part(); // of one tenant alone
    private final Map<String, Part> parts = new HashMap<>(); // of each of several
    private final int most; // places to wait
    private final int ofTenant; // of these
    private final int ofIdentity; // of those; others find the rest
    private int undecided; // have a place and are not in line
    private int passing; // of those, as many that need no worker, as it seems
    private int waiting;
    private int idle; // workers

    /** What there is of one tenant here. */
    private static final class Part {
        private final ServiceTime serviceTime = new ServiceTime();
        private int places;
        private int waiting;
    }

    /**
     * @param bytes of all requests that this node keeps
     */
    WaitingRoom(ServingLimits limits, Shares bytes) {
        this.limits = limits;
        this.bytes = bytes;
        this.idle = limits.workers();
        this.most = Math.max(limits.queued(), limits.tenants());
        this.ofTenant = most / limits.tenants();
        this.ofIdentity = ofTenant - ofTenant / 2;
    }

    /** Gives a job a place, if there is one. */
    void enter(Job job) throws RefusedException {
        Part part = part(job);
        int more = idle + (nobodyWaits() ? passing : 0); // as long as they keep nobody waiting
        if (waiting + undecided >= most + more
                || part.places >= ofTenant + more
                || places.getOrDefault(job.identity(), 0) >= ofIdentity + more) {
            throw overloaded(part);
        }
        requireInTime(part);
        if (!bytes.take(job.identity(), job.bytes())) {
            throw overloaded(part);
        }
        places.merge(job.identity(), 1, Integer::sum);
        part.places++;
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
    void lineUp(Job job) {
        undecided--;
        waiting++;
        part(job).waiting++;
    }

    /** Those that were in line run together. */
    void begin(List<Job> batch) {
        waiting -= batch.size();
        part(batch.getFirst()).waiting -= batch.size();
        batch.forEach(this::leavePlace);
        idle--;
    }

    /** They have run. */
    void end(List<Job> batch, long nanos) {
        idle++;
        batch.forEach(job -> bytes.give(job.identity(), job.bytes()));
        part(batch.getFirst()).serviceTime.add(nanos, batch.size());
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

    private Part part(Job job) {
        return limits.tenants() == 1
                ? whole
                : parts.computeIfAbsent(job.call().caller().tenant(), _ -> new Part());
    }

    /** Workers that one tenant has whatever the others ask. */
    private int partWorkers() {
        return Math.max(1, limits.workers() / limits.tenants());
    }

    private void leavePlace(Job job) {
        part(job).places--;
        places.computeIfPresent(job.identity(), (_, had) -> had == 1 ? null : had - 1);
    }

    private void requireInTime(Part part) throws RefusedException {
        Duration expected = expectedWait(part);
        if (expected.compareTo(limits.patience()) > 0) {
            throw RefusedException.exhausted(
                    "OVERLOADED",
                    "inferences would wait %d ms here and at most %d ms are promised; try again"
                                    .formatted(expected.toMillis(), limits.patience().toMillis())
                            + " later",
                    expected);
        }
    }

    private RefusedException overloaded(Part part) {
        return RefusedException.exhausted(
                "OVERLOADED",
                "this node runs %d inferences at a time and lets %d wait, %d of one identity; try"
                                .formatted(limits.workers(), most, ofIdentity)
                        + " again later",
                expectedWait(part));
    }

    private Duration expectedWait(Part part) {
        return part.serviceTime.of(part.waiting).dividedBy(partWorkers());
    }
}
