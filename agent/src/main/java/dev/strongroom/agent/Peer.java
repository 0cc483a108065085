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
    private static final int SITE_DIGITS = 12; // 48 bits of IPv6 are a site's
    private static final String IP6 = "ip6:";
    private static final String IP4 = "ip4:";
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

    /** Which peers are of one hand more often than not: 24 bits of IPv4, 48 of IPv6. */
    static String neighbourhood(String peer) {
        if (peer.startsWith(IP6)) {
            return peer.substring(0, IP6.length() + SITE_DIGITS);
        }
        return peer.startsWith(IP4) ? peer.substring(0, peer.lastIndexOf('.')) : peer;
    }

    static String name(@Nullable SocketAddress address) {
        if (!(address instanceof InetSocketAddress internet) || internet.getAddress() == null) {
            return UNKNOWN;
        }
        if (internet.getAddress() instanceof Inet6Address six) {
            byte[] network = Arrays.copyOf(six.getAddress(), SUBSCRIBER_BYTES);
            return IP6 + HexFormat.of().formatHex(network);
        }
        return IP4 + internet.getAddress().getHostAddress();
    }
}
