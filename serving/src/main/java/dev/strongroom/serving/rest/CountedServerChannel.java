package dev.strongroom.serving.rest;

import dev.strongroom.serving.access.Ends;
import dev.strongroom.serving.access.Threshold;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Where connections come in: one too many of its address is closed before anything is said on it,
 * and one on which nobody shows a certificate seconds later.
 */
final class CountedServerChannel extends NioServerSocketChannel {
    private static final int FAREWELL_SECONDS = 2; // to read what is on its way

    private final Threshold threshold;

    CountedServerChannel(Threshold threshold) {
        this.threshold = threshold;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        int count = super.doReadMessages(accepted);
        if (count > 0
                && accepted.getLast() instanceof NioSocketChannel channel
                && !enter(channel)) {
            accepted.removeLast();
            channel.unsafe().closeForcibly(); // it has no event loop yet
            return 0;
        }
        return count;
    }

    private boolean enter(NioSocketChannel channel) {
        if (channel.localAddress() == null || channel.remoteAddress() == null) {
            return false; // it has gone
        }
        var ends = new Ends(channel.localAddress(), channel.remoteAddress());
        Optional<Threshold.Entry> entry = threshold.enter(ends, _ -> close(channel));
        entry.ifPresent(inside -> watch(channel, inside));
        return entry.isPresent();
    }

    /** What is written comes first, and for a client who does not read it that is never. */
    private static void close(NioSocketChannel channel) {
        var _ = channel.close();
        var _ =
                channel.eventLoop()
                        .schedule(
                                () -> channel.unsafe().close(channel.newPromise()),
                                FAREWELL_SECONDS,
                                TimeUnit.SECONDS);
    }

    private void watch(NioSocketChannel channel, Threshold.Entry entry) {
        var expiry =
                eventLoop()
                        .schedule(
                                entry::expire,
                                threshold.patience().toMillis(),
                                TimeUnit.MILLISECONDS);
        var _ =
                channel.closeFuture()
                        .addListener(_ -> {
                            expiry.cancel(false);
                            entry.leave();
                        });
    }
}
