package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import dev.strongroom.crypto.format.PartRevocation;
import dev.strongroom.crypto.peer.PinnedPeer;
import dev.strongroom.proto.v1.AddPartRequest;
import dev.strongroom.proto.v1.DescribeAgentRequest;
import dev.strongroom.proto.v1.DescribeAgentResponse;
import dev.strongroom.proto.v1.OwnerAgentGrpc;
import dev.strongroom.proto.v1.RevokePartRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * An owner's connection to the agent that holds second parts of split content keys, over TLS 1.3
 * with the key that the agent is known by. What the owner asks for is signed with the owner root.
 *
 * <p>Thread-safe. The caller closes it.
 */
public final class OwnerAgent implements AutoCloseable {
    private static final long CALL_SECONDS = 30;

    private final AgentAddress address;
    private final OwnerKey owner;
    private final ManagedChannel channel;

    /**
     * What a part is encrypted to.
     *
     * @param agent whose key it is
     * @param spki RSA-3072
     */
    record PartKey(Digest agent, byte[] spki) {}

    private OwnerAgent(AgentAddress address, OwnerKey owner, ManagedChannel channel) {
        this.address = address;
        this.owner = owner;
        this.channel = channel;
    }

    /** Opens a connection; nothing is sent yet. */
    public static OwnerAgent open(AgentAddress address, OwnerKey owner) {
        try {
            var tls =
                    GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                            .protocols("TLSv1.3")
                            .trustManager(new PinnedPeer(address.id()))
                            .build();
            return new OwnerAgent(
                    address,
                    owner,
                    NettyChannelBuilder.forTarget("dns:///" + address.hostAndPort())
                            .sslContext(tls)
                            .build());
        } catch (SSLException e) {
            throw new IllegalStateException("every JDK has TLS 1.3", e);
        }
    }

    /**
     * The key that parts are encrypted to, once the agent is known to be this owner's.
     *
     * @param tee the world of this process
     */
    PartKey partKey(Tee tee) throws ClientException {
        DescribeAgentResponse agent =
                stub().describeAgent(DescribeAgentRequest.getDefaultInstance());
        Checks.require(
                agent.getOwnerId().equals(ByteString.copyFrom(owner.keyId().bytes())),
                "the agent at " + address.hostAndPort() + " is another owner's",
                "use the agent whose configuration names owner " + owner.keyId());
        Checks.require(
                agent.getTee().equals(tee.label()),
                "the agent at "
                        + address.hostAndPort()
                        + " believes evidence of another world: "
                        + agent.getTee().replaceAll("[^\\p{Print}]", "?"),
                "start the agent with the program that pushes: strongroom or strongroom-sim");
        return new PartKey(address.id(), agent.getPartKeySpki().toByteArray());
    }

    /**
     * Hands a part over; the same one again changes nothing.
     *
     * @param statement signed, as the spool has it
     */
    void add(byte[] statement) {
        stub().addPart(
                        AddPartRequest.newBuilder()
                                .setStatement(ByteString.copyFrom(statement))
                                .setOwnerSpki(ByteString.copyFrom(owner.spki()))
                                .build());
    }

    /**
     * Ends releases, for good.
     *
     * @param subject version id, chip or measurement, lower-case hex
     * @return number of a decision of the agent's since when it holds
     */
    public long revoke(PartRevocation.Kind kind, String subject, String reason, Instant now)
            throws ClientException {
        try {
            var revocation =
                    new PartRevocation(address.id(), owner.keyId(), kind, subject, reason, now);
            byte[] statement = owner.sign(revocation::sign).encode();
            return stub().revokePart(
                            RevokePartRequest.newBuilder()
                                    .setStatement(ByteString.copyFrom(statement))
                                    .setOwnerSpki(ByteString.copyFrom(owner.spki()))
                                    .build())
                    .getDecision();
        } catch (IllegalArgumentException e) {
            throw new ClientException(
                    ClientException.Kind.LOCAL,
                    String.valueOf(e.getMessage()),
                    "give it as `agent log` and `model show` spell it",
                    e);
        }
    }

    private OwnerAgentGrpc.OwnerAgentBlockingStub stub() {
        return OwnerAgentGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    @Override
    public String toString() {
        return "OwnerAgent[" + address + "]";
    }
}
