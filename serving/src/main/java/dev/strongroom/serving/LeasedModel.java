package dev.strongroom.serving;

import dev.strongroom.enclave.lease.LastWord;
import dev.strongroom.enclave.lease.LeaseMeter;
import dev.strongroom.enclave.lease.LeaseMeter.State;
import dev.strongroom.serving.infer.Admission;
import dev.strongroom.serving.infer.Lasting;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ties a model in memory to the lease it was opened under. When time or count is up, or the vault
 * revokes it, inferences are refused, those under way are interrupted, the session ends, the
 * weights are overwritten and that is reported; the process stays to say why.
 *
 * <p>Thread-safe. The owner closes it.
 */
final class LeasedModel implements Admission, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeasedModel.class);
    private static final String STOPPED = "node.stopped";
    private static final long MAX_WAIT_MILLIS = 5000; // clocks can jump: look again soon

    /**
     * What ends with the lease.
     *
     * @param interrupt has inferences under way end soon
     * @param endSession waits for them and ends the session
     * @param wipe overwrites the weights with zeros and leaves their memory to the next model;
     *     answers how many bytes are zero now
     * @param overwrite the weights with zeros, and keeps their memory
     * @param remains what is freed with the session and not overwritten
     * @param report tells the vault
     * @param halt ends this process at once, whatever it is doing
     */
    record Parts(
            Runnable interrupt,
            Runnable endSession,
            LongSupplier wipe,
            Runnable overwrite,
            List<String> remains,
            Consumer<LastWord.Done> report,
            Runnable halt) {}

    private final LeaseMeter meter;
    private final Parts parts;
    private final ScheduledThreadPoolExecutor watch =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().name("lease-watch").daemon().factory());
    private @Nullable ScheduledFuture<?> next;
    private volatile String revokedBy = STOPPED;
    private boolean ended;

    LeasedModel(LeaseMeter meter, Parts parts) {
        this.meter = meter;
        this.parts = parts;
        look();
    }

    @Override
    public Optional<Refusal> take() {
        State state = meter.take();
        if (state == State.USED_UP) {
            watch.execute(this::look);
        }
        return explain(state);
    }

    @Override
    public Optional<Refusal> refusal() {
        return explain(meter.state());
    }

    @Override
    public Optional<Refusal> interruption() {
        State state = meter.timed();
        return state == State.USED_UP ? Optional.empty() : explain(state);
    }

    /**
     * Ends the lease at once.
     *
     * @param rule of the revocation
     */
    void revoke(String rule) {
        revokedBy = rule;
        meter.revoke();
        parts.interrupt().run();
        watch.execute(this::look);
    }

    /** Something may have ended the lease, or made it longer. */
    void lookAgain() {
        if (meter.state() != State.OPEN) {
            watch.execute(this::look);
        }
    }

    /** Interrupts inferences under way, ends the session, overwrites the weights. Idempotent. */
    @Override
    public void close() {
        watch.shutdown(); // never interrupts an end under way, which would not be orderly then
        if (meter.state() == State.OPEN) {
            revokedBy = STOPPED;
            meter.revoke();
        }
        end(rule(meter.state()));
    }

    /** What fails here would leave nobody to end the lease. */
    private void look() {
        try {
            endOrLookAgain();
        } catch (RuntimeException | Error e) {
            halt("lease.not_watched", e);
        }
    }

    private void endOrLookAgain() {
        State state = meter.state() == State.USED_UP ? meter.endUsedUp() : meter.state();
        if (state == State.OPEN) {
            schedule();
        } else {
            end(rule(state));
        }
    }

    private String rule(State state) {
        return switch (state) {
            case OPEN, REVOKED -> revokedBy;
            case EXPIRED -> "lease.expired";
            case USED_UP -> "lease.used-up";
        };
    }

    private synchronized void schedule() {
        if (next != null) {
            next.cancel(false);
        }
        long millis = Math.min(meter.remaining().toMillis() + 1, MAX_WAIT_MILLIS);
        try {
            next = watch.schedule(this::look, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            LOG.debug("lease-watch.closed");
        }
    }

    /**
     * Overwrites the weights whether or not the session ends. When either fails, plaintext may be
     * left: then the process ends, and its memory with it. Until then no other model gets memory
     * that a run may still read.
     */
    private synchronized void end(String rule) {
        if (ended) {
            return;
        }
        ended = true;
        long wiped;
        try {
            parts.interrupt().run();
            parts.endSession().run();
            wiped = parts.wipe().getAsLong();
        } catch (RuntimeException | Error e) {
            overwriteAndHalt(e);
            return;
        }
        report(rule, wiped);
    }

    private void overwriteAndHalt(Throwable why) {
        try {
            parts.overwrite().run();
        } finally {
            halt("model.not_closed", why);
        }
    }

    private void halt(String event, Throwable why) {
        try {
            LOG.error("{} this process ends, so that no plaintext is left", event, why);
        } finally {
            parts.halt().run();
        }
    }

    /** The weights are gone, whatever becomes of this. */
    private void report(String rule, long wiped) {
        try {
            LOG.warn(
                    "lease.ended rule={} wiped-bytes={} the weights were overwritten", rule, wiped);
            parts.report()
                    .accept(new LastWord.Done(rule, meter.answered(), wiped, parts.remains()));
        } catch (RuntimeException | Error e) {
            Lasting.tell(LOG, "lease.end_not_reported", e);
        }
    }

    private Optional<Refusal> explain(State state) {
        return switch (state) {
            case OPEN -> Optional.empty();
            case EXPIRED ->
                    closed("LEASE_EXPIRED", "the node's lease has expired and was not renewed");
            case USED_UP -> closed("LEASE_USED_UP", "the node's lease has no inferences left");
            case REVOKED -> closed("LEASE_REVOKED", "the node's lease was ended by " + revokedBy);
        };
    }

    private static Optional<Refusal> closed(String reason, String what) {
        return Optional.of(
                new Refusal(
                        reason,
                        what
                                + "; its model was closed, and its operator restarts it for a new"
                                + " lease"));
    }
}
