package dev.strongroom.serving.rpc;

import io.grpc.netty.shaded.io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How a connection ends: its client is told to begin no more calls, it closes with the last one,
 * and at its time whatever is under way. That time is ours: gRPC waits up to ten seconds for the
 * answer to a ping before its own begins, and takes no earlier one then.
 *
 * <p>Thread-safe.
 */
final class Retirement {
    private static final Duration FAREWELL = Duration.ofSeconds(1); // to say that it ends

    private final Channel channel;
    private final GrpcHttp2ConnectionHandler http;
    private long end; // in the terms of System.nanoTime, with a cut; for the event loop
    private @Nullable Future<?> cut; // for the event loop

    Retirement(Channel channel, GrpcHttp2ConnectionHandler http) {
        this.channel = channel;
        this.http = http;
        var _ = channel.closeFuture().addListener(_ -> cancel());
    }

    /** Ends it in so long in any case; of several times the earliest counts. */
    void begin(Duration within) {
        Duration grace = within.compareTo(FAREWELL) < 0 ? FAREWELL : within;
        long at = System.nanoTime() + grace.toNanos();
        channel.eventLoop().execute(() -> endBy(at, grace));
    }

    private void endBy(long at, Duration grace) {
        if (!channel.isOpen() || (cut != null && end - at <= 0)) {
            return;
        }
        cancel();
        end = at;
        cut =
                channel.eventLoop()
                        .schedule(this::close, at - System.nanoTime(), TimeUnit.NANOSECONDS);
        http.gracefulShutdownTimeoutMillis(grace.toMillis());
        var _ = channel.close();
    }

    private void cancel() {
        if (cut != null) {
            cut.cancel(false);
        }
    }

    /** Past all that its handlers wait for. */
    private void close() {
        channel.unsafe().close(channel.newPromise());
    }
}
