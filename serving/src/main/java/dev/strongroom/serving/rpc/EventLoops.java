package dev.strongroom.serving.rpc;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The threads of the node's endpoint, one per processor. Connections are dealt out to them in turn;
 * on gRPC's own threads, which the node's link to the vault is on as well, two callers can come to
 * share one while another has none.
 *
 * <p>Thread-safe. The owner closes it, after the server.
 */
final class EventLoops implements AutoCloseable {
    private static final long CLOSE_SECONDS = 5;

    /** Whose thread this is, if a connection ever came to it. */
    private static final ThreadLocal<@Nullable EventLoop> OWN = new ThreadLocal<>();

    private final EventLoopGroup threads;

    EventLoops() {
        this.threads =
                new MultiThreadIoEventLoopGroup(
                        Runtime.getRuntime().availableProcessors(),
                        new DefaultThreadFactory("node-io", true),
                        Epoll.isAvailable()
                                ? EpollIoHandler.newFactory()
                                : NioIoHandler.newFactory());
    }

    NettyServerBuilder serve(NettyServerBuilder server) {
        return server.bossEventLoopGroup(threads)
                .workerEventLoopGroup(threads)
                .channelType(
                        Epoll.isAvailable()
                                ? EpollServerSocketChannel.class
                                : NioServerSocketChannel.class);
    }

    /** The current thread is this loop's. */
    static void entered(EventLoop own) {
        OWN.set(own);
    }

    /**
     * Has the current thread do something once it has read what is there to read on its
     * connections; now, if it has none.
     */
    static void soon(Runnable step) {
        EventLoop own = OWN.get();
        if (own == null) {
            step.run();
            return;
        }
        try {
            own.execute(step);
        } catch (RejectedExecutionException closed) {
            step.run();
        }
    }

    @Override
    public void close() {
        var _ = threads.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
    }
}
