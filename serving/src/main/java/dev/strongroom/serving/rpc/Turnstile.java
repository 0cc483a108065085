package dev.strongroom.serving.rpc;

import dev.strongroom.serving.access.Addresses;
import io.grpc.netty.shaded.io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where connections come in: before anything is said on one, it is closed again when its address
 * has as many as it may have. *
 *
 * <p>Thread-safe.
 */
final class Turnstile implements InternalProtocolNegotiator.ProtocolNegotiator {
    private final InternalProtocolNegotiator.ProtocolNegotiator tls;
    private final Addresses addresses;

    Turnstile(SslContext context, Addresses addresses) {
        this.tls = InternalProtocolNegotiators.serverTls(context);
        this.addresses = addresses;
    }

    @Override
    public AsciiString scheme() {
        return tls.scheme();
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler http) {
        return new Entrance(tls.newHandler(http));
    }

    @Override
    public void close() {
        tls.close();
    }

    /** The first handler of a connection; gives way to TLS, or closes it. */
    private final class Entrance extends ChannelHandlerAdapter {
        private final ChannelHandler next;

        Entrance(ChannelHandler next) {
            this.next = next;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            Channel channel = context.channel();
            Optional<InetAddress> address = address(channel);
            if (address.isPresent() && !addresses.enter(address.get())) {
                var _ = context.close(); // the handlers behind this one would wait for an end
                return;
            }
            if (address.isPresent()) {
                InetAddress from = address.get();
                var _ = channel.closeFuture().addListener(_ -> addresses.leave(from));
            }
            context.pipeline().replace(this, null, next);
        }
    }

    private static Optional<InetAddress> address(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress remote
                ? Optional.of(remote.getAddress())
                : Optional.empty();
    }
}
