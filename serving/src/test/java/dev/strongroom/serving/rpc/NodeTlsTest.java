package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Tee;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.proto.v1.GetEvidenceRequest;
import dev.strongroom.proto.v1.GetEvidenceResponse;
import dev.strongroom.proto.v1.NodeEvidenceGrpc;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.access.Door;
import dev.strongroom.serving.access.LiveIdentity;
import dev.strongroom.serving.access.LiveLimits;
import dev.strongroom.serving.access.TestAuthority;
import dev.strongroom.serving.access.TestAuthority.Issued;
import dev.strongroom.serving.access.WithdrawnKeys;
import dev.strongroom.serving.infer.ServingLimits;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The vault's CA is replaced while a node serves. */
@Timeout(120)
class NodeTlsTest {
    private final TestAuthority former = new TestAuthority();
    private final TestAuthority next = new TestAuthority();
    private final Issued certified = former.server();
    private LiveIdentity identity;
    private NodeServer server;

    @BeforeEach
    void serve() throws Exception {
        identity = new LiveIdentity(certified.key(), certified.chain());
        server =
                NodeServer.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        Door.of(
                                identity,
                                new WithdrawnKeys(),
                                Set.of("acme"),
                                Tee.SIMULATED,
                                ServingLimits.of(1 << 20, 1, 1),
                                new LiveLimits(() -> ConnectionLimits.of(OutputPolicy.standard()))),
                        ServingLimits.of(1 << 20, 1, 1),
                        List.of(new Evidence()));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static final class Evidence extends NodeEvidenceGrpc.NodeEvidenceImplBase {
        @Override
        public void getEvidence(
                GetEvidenceRequest request, StreamObserver<GetEvidenceResponse> observer) {
            Replies.send(observer, GetEvidenceResponse.getDefaultInstance());
        }
    }

    @Test
    void aRenewalBringsTheAuthoritiesThatClientsMayComeFrom() throws Exception {
        assertThat(answer(client(former))).isEqualTo(Status.Code.OK);
        assertThat(answer(client(next))).isEqualTo(Status.Code.UNAVAILABLE);

        renew(next.certificate(), former.certificate()); // rotated
        assertThat(answer(client(former))).isEqualTo(Status.Code.OK);
        assertThat(answer(client(next))).isEqualTo(Status.Code.OK);

        renew(next.certificate()); // retired
        assertThat(answer(client(former))).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(answer(client(next))).isEqualTo(Status.Code.OK);
    }

    @Test
    void noSessionOfAnAuthorityThatIsGoneIsResumed() throws Exception {
        SslContext old = client(former);
        assertThat(answer(old)).isEqualTo(Status.Code.OK);
        assertThat(old.sessionContext().getIds().hasMoreElements()).as("has a ticket").isTrue();

        renew(next.certificate());
        assertThat(answer(old)).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void aServerWithRefusedHandshakesEndsAtOnce() throws Exception {
        assertThat(answer(client(next))).isEqualTo(Status.Code.UNAVAILABLE);

        var ended = new CompletableFuture<Void>();
        Thread.ofVirtual()
                .start(() -> {
                    server.close();
                    ended.complete(null);
                });
        assertThat(ended).succeedsWithin(Duration.ofSeconds(20)); // its patience is 30 s
    }

    private void renew(X509Certificate... authorities) {
        X509Certificate leaf = next.renewed(certified).chain().getFirst();
        List<X509Certificate> chain = new ArrayList<>(List.of(leaf));
        chain.addAll(List.of(authorities));
        identity.present(chain);
    }

    private SslContext client(TestAuthority authority) throws Exception {
        Issued consumer = authority.client("acme", "consumer");
        return GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                .protocols("TLSv1.3")
                .trustManager(former.certificate(), next.certificate())
                .keyManager(consumer.key(), consumer.chain().toArray(X509Certificate[]::new))
                .build();
    }

    /** Over a connection of its own. */
    private Status.Code answer(SslContext client) {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                        .sslContext(client)
                        .build();
        try {
            var _ =
                    NodeEvidenceGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(20, TimeUnit.SECONDS)
                            .getEvidence(GetEvidenceRequest.getDefaultInstance());
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        } finally {
            channel.shutdownNow();
        }
    }
}
