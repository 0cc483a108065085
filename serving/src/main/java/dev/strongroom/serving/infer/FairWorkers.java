package dev.strongroom.serving.infer;

import java.util.HashMap;
import java.util.Map;

/**
 * Whose run may begin on a node of several tenants. A run is not interrupted for another one, so
 * each tenant that runs nothing is left a worker, as far as there are as many. Who began a run
 * longest ago is first. One tenant alone has all workers.
 *
 * <p>Not thread-safe.
 */
final class FairWorkers {
    private final int tenants;
    private final Map<String, Integer> running = new HashMap<>(); // of those that run something
    private final Map<String, Long> latest = new HashMap<>(); // the number of its latest run
    private long runs;

    FairWorkers(int tenants) {
        this.tenants = tenants;
    }

    /** True where there is nothing to be fair about. */
    boolean alone() {
        return tenants == 1;
    }

    /** Of so many workers with nothing to do, those that may run something of this tenant. */
    int atHand(String tenant, int idle) {
        if (alone()) {
            return idle;
        }
        boolean has = running.containsKey(tenant);
        int others = tenants - running.size() - (has ? 0 : 1); // that run nothing
        return Math.max(idle - others, has || idle == 0 ? 0 : 1);
    }

    /** True if the first one's turn is before the other one's. */
    boolean before(String tenant, String other) {
        return latest.getOrDefault(tenant, 0L) < latest.getOrDefault(other, 0L);
    }

    void begin(String tenant) {
        if (!alone()) {
            running.merge(tenant, 1, Integer::sum);
            latest.put(tenant, ++runs);
        }
    }

    void end(String tenant) {
        running.computeIfPresent(tenant, (_, had) -> had == 1 ? null : had - 1);
    }
}
