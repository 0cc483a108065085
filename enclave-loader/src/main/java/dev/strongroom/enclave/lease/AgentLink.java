package dev.strongroom.enclave.lease;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.peer.PinnedPeer;
import dev.strongroom.proto.v1.GetPartChallengeRequest;
import dev.strongroom.proto.v1.OwnerAgentGrpc;
import dev.strongroom.proto.v1.ReleasePartRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLException;

/**
 * The owner's agent as this node calls it: TLS 1.3 with the one key that the owner signed into the
 * version.
 *
 * <p>Thread-safe. The caller closes it.
 */
final class AgentLink implements AutoCloseable {
    private static final long CALL_SECONDS = 30;

    private final String hostAndPort;
    private final ManagedChannel channel;

    private AgentLink(String hostAndPort, ManagedChannel channel) {
        this.hostAndPort = hostAndPort;
        this.channel = channel;
    }

    /**
     * @param agent SHA-256 of the agent's TLS key
     */
    static AgentLink open(String hostAndPort, Digest agent) {
        try {
            var tls =
                    GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                            .protocols("TLSv1.3")
                            .trustManager(new PinnedPeer(agent))
                            .build();
            return new AgentLink(
                    hostAndPort,
                    NettyChannelBuilder.forTarget("dns:///" + hostAndPort).sslContext(tls).build());
        } catch (SSLException e) {
            throw new IllegalStateException("every JDK has TLS 1.3", e);
        }
    }

    byte[] nonce() throws LeaseException {
        return call(stub ->
                stub.getPartChallenge(GetPartChallengeRequest.getDefaultInstance())
                        .getNonce()
                        .toByteArray());
    }

    /** The part, encrypted to the key that the request names. */
    byte[] release(ReleasePartRequest request) throws LeaseException {
        return call(stub -> stub.releasePart(request).getWrappedPart().toByteArray());
    }

    private <T> T call(Function<OwnerAgentGrpc.OwnerAgentBlockingStub, T> call)
            throws LeaseException {
        try {
            return call.apply(
                    OwnerAgentGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS));
        } catch (StatusRuntimeException e) {
            throw refused(e);
        }
    }

    private LeaseException refused(StatusRuntimeException e) {
        Status status = e.getStatus();
        String said = status.getDescription() == null ? "" : ": " + status.getDescription();
        return switch (status.getCode()) {
            case PERMISSION_DENIED, INVALID_ARGUMENT, RESOURCE_EXHAUSTED ->
                    new LeaseException(
                            LeaseException.Kind.DENIED,
                            "the owner's agent at " + hostAndPort + " gives no part" + said,
                            e);
            default ->
                    new LeaseException(
                            LeaseException.Kind.UNREACHABLE,
                            "the version is split, and its owner's agent does not answer at "
                                    + hostAndPort
                                    + "; without it nobody opens the version. Check that it runs"
                                    + " there and that it is the one that the version names",
                            e);
        };
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
