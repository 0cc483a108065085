package dev.strongroom.agent;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Who calls: an address, since a stranger has nothing else. Of IPv6 the first 64 bits count, which
 * one subscriber has for himself.
 */
final class Peer implements ServerInterceptor {
    private static final int SUBSCRIBER_BYTES = 8;
    private static final String UNKNOWN = "unknown";
    private static final Context.Key<String> CURRENT = Context.keyWithDefault("peer", UNKNOWN);

    static String current() {
        return CURRENT.get();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String peer = name(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
        return Contexts.interceptCall(
                Context.current().withValue(CURRENT, peer), call, headers, next);
    }

    static String name(@Nullable SocketAddress address) {
        if (!(address instanceof InetSocketAddress internet) || internet.getAddress() == null) {
            return UNKNOWN;
        }
        if (internet.getAddress() instanceof Inet6Address six) {
            byte[] network = Arrays.copyOf(six.getAddress(), SUBSCRIBER_BYTES);
            return "ip6:" + HexFormat.of().formatHex(network);
        }
        return "ip4:" + internet.getAddress().getHostAddress();
    }
}
