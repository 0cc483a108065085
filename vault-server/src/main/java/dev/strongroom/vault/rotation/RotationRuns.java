package dev.strongroom.vault.rotation;

import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.catalog.RotationTable.Rotation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Rotations under way, at most one per tenant, each on a thread of its own. Decides nothing.
 *
 * <p>Thread-safe. Closing stops all after what is under way; none begins after that.
 */
final class RotationRuns implements AutoCloseable {
    private final Resources resources;
    private final ReentrantLock changing = new ReentrantLock();
    private final Map<TenantName, RunningRotation> running = new HashMap<>();
    private boolean closed;

    RotationRuns(Resources resources) {
        this.resources = resources;
    }

    /** Goes on with a rotation of a tenant that has none under way. */
    void begin(Rotation rotation) {
        changing.lock();
        try {
            if (!closed) {
                running.put(rotation.tenant(), RunningRotation.start(resources, rotation));
            }
        } finally {
            changing.unlock();
        }
    }

    /** Stops the tenant's after what is under way, if there is one. */
    void stop(TenantName tenant) {
        changing.lock();
        try {
            RunningRotation run = running.remove(tenant);
            if (run != null) {
                run.stop();
            }
        } finally {
            changing.unlock();
        }
    }

    /** The tenant's, if it is under way. */
    Optional<RunningRotation> of(TenantName tenant) {
        changing.lock();
        try {
            return Optional.ofNullable(running.get(tenant)).filter(RunningRotation::isAlive);
        } finally {
            changing.unlock();
        }
    }

    @Override
    public void close() {
        changing.lock();
        try {
            closed = true;
            List.copyOf(running.keySet()).forEach(this::stop);
        } finally {
            changing.unlock();
        }
    }
}
