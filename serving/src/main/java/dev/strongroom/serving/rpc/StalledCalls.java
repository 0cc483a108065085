package dev.strongroom.serving.rpc;

import dev.strongroom.serving.infer.Lasting;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Status;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends calls that wait for their callers for too long: requests that do not arrive to their end,
 * streams on which nobody sends, answers that nobody reads.
 *
 * <p>Thread-safe. The owner closes it.
 */
final class StalledCalls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StalledCalls.class);
    private static final int LOOKS = 8; // within the time, so that none lasts much longer

    private final Duration idle;
    private final Set<WatchedCall<?, ?>> calls = ConcurrentHashMap.newKeySet();
    private final ScheduledThreadPoolExecutor watch =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().name("stalled-calls").daemon().factory());

    private StalledCalls(Duration idle) {
        this.idle = idle;
    }

    /**
     * Begins to look.
     *
     * @param idle longest that a call waits for its caller
     */
    static StalledCalls watch(Duration idle) {
        var stalled = new StalledCalls(idle);
        long every = Math.max(1, idle.toMillis() / LOOKS);
        var _ =
                stalled.watch.scheduleWithFixedDelay(
                        Lasting.look(LOG, "calls.not_looked", stalled::look),
                        every,
                        every,
                        TimeUnit.MILLISECONDS);
        return stalled;
    }

    void add(WatchedCall<?, ?> call) {
        calls.add(call);
    }

    void remove(WatchedCall<?, ?> call) {
        calls.remove(call);
    }

    private void look() {
        long since = System.nanoTime() - idle.toNanos();
        for (WatchedCall<?, ?> call : calls) {
            Lasting.look(LOG, "call.not_ended", () -> endIfStalled(call, since)).run();
        }
    }

    private void endIfStalled(WatchedCall<?, ?> call, long sinceNanos) {
        if (call.stalledSince(sinceNanos)) {
            call.end(tooLong());
        }
    }

    private RefusedException tooLong() {
        return new RefusedException(
                Status.Code.DEADLINE_EXCEEDED,
                "CALL_IDLE",
                "nothing was sent or read on this call for %d ms; this node ends such calls"
                        .formatted(idle.toMillis()));
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
