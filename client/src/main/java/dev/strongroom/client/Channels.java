package dev.strongroom.client;

import dev.strongroom.crypto.peer.ClientKey;
import dev.strongroom.crypto.peer.VaultAuthorities;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.function.Function;
import javax.net.ssl.X509ExtendedTrustManager;

/** Opens mutual TLS 1.3 channels with a profile's identity, each held to one peer key. */
final class Channels {
    /** Largest message either way; an inference tensor is the largest one. */
    static final int MAX_MESSAGE_BYTES = 64 << 20;

    /** A channel, the key its peer showed, and who may speak for that. */
    record Pinned(ManagedChannel channel, PeerKey peer, VaultAuthorities authorities) {}

    private Channels() {}

    static Pinned open(Profile profile, String address) throws ClientException, IOException {
        try {
            var authorities = authorities(profile);
            var peer = new PeerKey(authorities);
            var tls = identity(profile).trustManager(peer);
            var channel =
                    NettyChannelBuilder.forTarget("dns:///" + hostAndPort(address))
                            .sslContext(GrpcSslContexts.configure(tls).build())
                            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                            .build();
            return new Pinned(channel, peer, authorities);
        } catch (GeneralSecurityException e) {
            throw unusable(profile, e);
        }
    }

    /**
     * A channel to a node, judged in the handshake: JDK TLS, since that tells the exporter.
     *
     * @param judging makes the judge of the peer from the vault's authority
     */
    static Node openNode(
            Profile profile,
            String address,
            String serverName,
            Function<X509ExtendedTrustManager, NodePeer> judging)
            throws ClientException, IOException {
        try {
            NodePeer peer = judging.apply(authorities(profile));
            var tls =
                    GrpcSslContexts.configure(identity(profile), SslProvider.JDK)
                            .trustManager(peer)
                            .sessionTimeout(1) // a resumed session would not be judged
                            .build();
            var channel =
                    NettyChannelBuilder.forTarget("dns:///" + hostAndPort(address))
                            .overrideAuthority(serverName)
                            .sslContext(tls)
                            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                            .build();
            return new Node(channel, peer);
        } catch (GeneralSecurityException e) {
            throw unusable(profile, e);
        }
    }

    /** A channel to a node and what its peer has shown. */
    record Node(ManagedChannel channel, NodePeer peer) {}

    private static VaultAuthorities authorities(Profile profile)
            throws ClientException, IOException, GeneralSecurityException {
        return new VaultAuthorities(Pem.readCertificates(profile.certificateAuthority()));
    }

    private static SslContextBuilder identity(Profile profile)
            throws ClientException, IOException, GeneralSecurityException {
        var chain = Pem.readCertificates(profile.certificate());
        return SslContextBuilder.forClient()
                .keyManager(new ClientKey(Pem.readPrivateKey(profile.key()), chain))
                .protocols("TLSv1.3");
    }

    private static ClientException unusable(Profile profile, GeneralSecurityException cause) {
        return new ClientException(
                ClientException.Kind.LOCAL,
                "the identity in " + profile.folder() + " cannot be used for TLS",
                "create it again: strongroom identity create",
                cause);
    }

    private static String hostAndPort(String address) throws ClientException {
        if (!address.matches("(\\[[0-9a-fA-F:]+]|[A-Za-z0-9._-]+):[0-9]{1,5}")) {
            throw ClientException.local(
                    "address \"" + address.replaceAll("[^\\p{Print}]", "?") + "\" is no HOST:PORT",
                    "give for example 127.0.0.1:7410");
        }
        return address;
    }
}
