package dev.strongroom.serving.rpc;

import dev.strongroom.serving.access.Ends;
import dev.strongroom.serving.access.Lifetime;
import dev.strongroom.serving.access.LiveLimits;
import dev.strongroom.serving.access.Threshold;
import io.grpc.netty.shaded.io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Where connections come in: before anything is said on one, it is closed again when its address
 * has as many as it may have, and seconds later if nobody has shown a certificate on it.
 *
 * <p>Thread-safe.
 */
final class Turnstile implements InternalProtocolNegotiator.ProtocolNegotiator {
    private final InternalProtocolNegotiator.ProtocolNegotiator tls;
    private final Threshold threshold;
    private final LiveLimits limits;

    Turnstile(SslContext context, Threshold threshold, LiveLimits limits) {
        this.tls = InternalProtocolNegotiators.serverTls(context);
        this.threshold = threshold;
        this.limits = limits;
    }

    @Override
    public AsciiString scheme() {
        return tls.scheme();
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler http) {
        return new Entrance(http);
    }

    @Override
    public void close() {
        tls.close();
    }

    /** The first handler of a connection; gives way to TLS, or closes it. */
    private final class Entrance extends ChannelHandlerAdapter {
        private final GrpcHttp2ConnectionHandler http;
        private final ChannelHandler next;

        Entrance(GrpcHttp2ConnectionHandler http) {
            this.http = http;
            this.next = tls.newHandler(http);
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            Channel channel = context.channel();
            EventLoops.entered(channel.eventLoop());
            var retirement = new Retirement(channel, http);
            Optional<Threshold.Entry> entered = Optional.empty();
            if (channel.localAddress() instanceof InetSocketAddress local
                    && channel.remoteAddress() instanceof InetSocketAddress remote) {
                entered = threshold.enter(new Ends(local, remote), retirement::begin);
                if (entered.isEmpty()) {
                    var _ = context.close(); // the handlers behind this one would wait for an end
                    return;
                }
                watch(channel, entered.get());
            }
            Lifetime lifetime =
                    ConnectionCalls.watch(channel, http.connection(), limits, retirement);
            entered.ifPresent(entry -> entry.follow(lifetime));
            context.pipeline().replace(this, null, next);
        }
    }

    private void watch(Channel channel, Threshold.Entry entry) {
        var expiry =
                channel.eventLoop()
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
