package dev.strongroom.bench.serve;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Connections of one load's clients, dealt out in turn to threads of their own, one per processor.
 * On threads that all loads share, the connections of one side can come to one thread while the
 * other side's have one each, and what is compared is chance.
 */
final class Connections implements AutoCloseable {
    private final EventLoopGroup threads;
    private final List<ManagedChannel> channels = new ArrayList<>();

    private Connections(int threads) {
        this.threads =
                new MultiThreadIoEventLoopGroup(
                        threads,
                        new DefaultThreadFactory("bench-client", true),
                        EpollIoHandler.newFactory());
    }

    /**
     * @param each the next one, without threads
     */
    static Connections open(int count, Callable<NettyChannelBuilder> each) throws Exception {
        var opened = new Connections(Math.min(count, Runtime.getRuntime().availableProcessors()));
        for (int i = 0; i < count; i++) {
            opened.channels.add(
                    each.call()
                            .eventLoopGroup(opened.threads)
                            .channelType(EpollSocketChannel.class)
                            .build());
        }
        return opened;
    }

    ManagedChannel get(int index) {
        return channels.get(index);
    }

    int size() {
        return channels.size();
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        var _ = threads.shutdownGracefully();
    }
}
