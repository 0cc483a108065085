package dev.strongroom.serving.rpc;

import dev.strongroom.serving.access.Lifetime;
import dev.strongroom.serving.access.LiveLimits;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Connection;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Stream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Tells a connection's lifetime of the calls under way on it. Netty has bounds of idleness and age
 * too, but those are fixed when a server starts.
 *
 * <p>For the connection's event loop.
 */
final class ConnectionCalls extends Http2ConnectionAdapter {
    private final Http2Connection connection;
    private final Lifetime lifetime;

    private ConnectionCalls(Http2Connection connection, Lifetime lifetime) {
        this.connection = connection;
        this.lifetime = lifetime;
    }

    /** From now on a connection lasts as long as the limits say. */
    static Lifetime watch(
            Channel channel, Http2Connection connection, LiveLimits limits, Retirement retirement) {
        Lifetime lifetime =
                Lifetime.begin(limits, new Timers(channel.eventLoop()), retirement::begin);
        connection.addListener(new ConnectionCalls(connection, lifetime));
        var _ = channel.closeFuture().addListener(_ -> lifetime.end());
        return lifetime;
    }

    private record Timers(EventLoop loop) implements Lifetime.Loop {
        @Override
        public void execute(Runnable step) {
            loop.execute(step);
        }

        @Override
        public Runnable after(Duration delay, Runnable step) {
            var timer = loop.schedule(step, delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> timer.cancel(false);
        }
    }

    @Override
    public void onStreamActive(Http2Stream stream) {
        lifetime.calls(connection.numActiveStreams());
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
        lifetime.calls(connection.numActiveStreams());
    }
}
