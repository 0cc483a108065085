package dev.strongroom.vault.rotation;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.vault.catalog.RotationTable;
import dev.strongroom.vault.catalog.RotationTable.Rotation;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.store.DiskFull;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of one rotation. A token that does not answer and a full disk are waited for; what
 * waiting cannot cure ends the rotation as failed.
 *
 * <p>Thread-safe.
 */
final class RunningRotation {
    private static final Logger LOG = LoggerFactory.getLogger(RunningRotation.class);
    private static final Duration FIRST_WAIT = Duration.ofMillis(500);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    private final Resources resources;
    private final Rotation rotation;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread;
    private volatile RotationJob job;
    private volatile @Nullable String trouble;

    private RunningRotation(Resources resources, Rotation rotation) {
        this.resources = resources;
        this.rotation = rotation;
        this.job = new RotationJob(resources, rotation, stop);
        this.thread =
                Thread.ofPlatform()
                        .daemon()
                        .name("rotation " + rotation.tenant())
                        .unstarted(this::run);
    }

    static RunningRotation start(Resources resources, Rotation rotation) {
        var running = new RunningRotation(resources, rotation);
        running.thread.start();
        return running;
    }

    private void run() {
        Duration wait = FIRST_WAIT;
        try {
            while (stop.getCount() > 0) {
                Optional<Trouble> found = attempt();
                if (found.isEmpty() || !found.get().passes()) {
                    found.ifPresent(this::fail);
                    return;
                }
                trouble = found.get().message();
                wait = job.rate() > 0 ? FIRST_WAIT : wait;
                if (stop.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
                wait = wait.compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
                job = new RotationJob(resources, rotation, stop);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Why an attempt ended, and whether another one can end better by itself. */
    private record Trouble(String reason, String message, boolean passes) {}

    private Optional<Trouble> attempt() throws InterruptedException {
        try {
            job.run();
            return Optional.empty();
        } catch (RefusedException e) {
            boolean passes = e.reason() == Reason.TOKEN_UNAVAILABLE;
            return found(e.reason().name(), e, passes);
        } catch (CustodyException e) {
            return found(reasonOf(e).name(), e, reasonOf(e) == Reason.TOKEN_UNAVAILABLE);
        } catch (RuntimeException e) {
            boolean full = DiskFull.isCauseOf(e);
            return found((full ? Reason.DISK_FULL : Reason.INTERNAL).name(), e, full);
        }
    }

    private static Reason reasonOf(CustodyException e) {
        return switch (e.reason()) {
            case RECORD_NOT_AUTHENTIC -> Reason.RECORD_NOT_AUTHENTIC;
            case KEY_NOT_FOUND, KEY_DUPLICATE, KEY_ATTRIBUTES, KEK_RETIRED, TOKEN_CHANGED ->
                    Reason.TOKEN_CHANGED;
            default -> Reason.TOKEN_UNAVAILABLE;
        };
    }

    private Optional<Trouble> found(String reason, Exception e, boolean passes) {
        LOG.atWarn()
                .setCause(passes ? null : e)
                .addKeyValue("tenant", rotation.tenant())
                .addKeyValue("reason", reason)
                .addKeyValue("message", e.getMessage())
                .log(passes ? "rotation.waiting" : "rotation.failed");
        return Optional.of(new Trouble(reason, String.valueOf(e.getMessage()), passes));
    }

    private void fail(Trouble cause) {
        try {
            resources
                    .database()
                    .change(handle -> RotationTable.fail(handle, rotation, cause.reason()));
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("rotation.failure-not-recorded");
        }
    }

    double rate() {
        return job.rate();
    }

    /** What it is waiting for, when it is. */
    Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    void awaitEnd(Duration atMost) throws InterruptedException {
        var _ = thread.join(atMost);
    }

    /** Ends it after what is under way and waits for that. */
    void stop() {
        stop.countDown();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
