package dev.strongroom.serving;

import dev.strongroom.enclave.lease.LeaseMeter;
import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.serving.NodeException.Exit;
import dev.strongroom.serving.engine.Engine;
import dev.strongroom.serving.rpc.Admission;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ties a model in memory to the lease it was opened under: when time or count is up, inferences are
 * refused, the session ends and the weights are zeroed, while the process stays to say so.
 *
 * <p>Thread-safe. The owner closes it.
 */
final class LeasedModel implements Admission, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeasedModel.class);
    private static final long MAX_WAIT_SECONDS = 60; // a wall clock can jump: look again soon

    private final LeaseMeter meter;
    private final Runnable endSession;
    private final Runnable zeroWeights;
    private final Runnable halt;
    private final ScheduledExecutorService watch =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().name("lease-watch").daemon().factory());

    LeasedModel(LeaseMeter meter, Engine engine, LoadedModel model) {
        this(
                meter,
                engine::close,
                model::close,
                () -> Runtime.getRuntime().halt(Exit.INTEGRITY.code()));
    }

    /**
     * @param halt ends this process at once, whatever it is doing
     */
    LeasedModel(LeaseMeter meter, Runnable endSession, Runnable zeroWeights, Runnable halt) {
        this.meter = meter;
        this.endSession = endSession;
        this.zeroWeights = zeroWeights;
        this.halt = halt;
        look();
    }

    @Override
    public Optional<Refusal> take() {
        LeaseMeter.State state = meter.take();
        if (state == LeaseMeter.State.USED_UP) {
            watch.execute(this::look);
        }
        return explain(state);
    }

    @Override
    public Optional<Refusal> refusal() {
        return explain(meter.state());
    }

    /** Waits for inferences under way, ends the session, zeroes the weights. Idempotent. */
    @Override
    public void close() {
        watch.shutdownNow();
        end();
    }

    private void look() {
        LeaseMeter.State state = meter.state();
        if (state == LeaseMeter.State.OPEN) {
            Duration remaining = meter.remaining();
            long millis = Math.min(remaining.toMillis() + 1, MAX_WAIT_SECONDS * 1000);
            var _ = watch.schedule(this::look, millis, TimeUnit.MILLISECONDS);
            return;
        }
        end();
        LOG.warn("lease.ended reason={} the weights were zeroed; restart this node", state);
    }

    /**
     * Zeroes the weights whether or not the session ends. When either fails, plaintext may be left:
     * then the process ends, and its memory with it.
     */
    private synchronized void end() {
        try {
            try {
                endSession.run();
            } finally {
                zeroWeights.run();
            }
        } catch (RuntimeException | Error e) {
            LOG.error("model.not_closed this process ends, so that no plaintext is left", e);
            halt.run();
        }
    }

    private static Optional<Refusal> explain(LeaseMeter.State state) {
        return switch (state) {
            case OPEN -> Optional.empty();
            case EXPIRED ->
                    Optional.of(
                            new Refusal(
                                    "LEASE_EXPIRED",
                                    "the node's lease has expired and its model was closed; its"
                                            + " operator restarts it for a new one"));
            case USED_UP ->
                    Optional.of(
                            new Refusal(
                                    "LEASE_USED_UP",
                                    "the node's lease has no inferences left and its model was"
                                            + " closed; its operator restarts it for a new one"));
        };
    }
}
