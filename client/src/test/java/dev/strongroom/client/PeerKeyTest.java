package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.format.P256;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ServerLiveRequest;
import dev.strongroom.proto.inference.ServerLiveResponse;
import dev.strongroom.testkit.Eventually;
import dev.strongroom.testkit.ReservedPort;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over real TLS on the loopback. */
class PeerKeyTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir Path folder;
    private final ReservedPort port = new ReservedPort();
    private TestCertificates authority;
    private Profile profile;
    private @Nullable Server server;

    @BeforeEach
    void issue() throws Exception {
        authority = new TestCertificates();
        profile = authority.profile(folder.resolve("profile"));
    }

    @AfterEach
    void stop() throws Exception {
        stopServer();
        port.close();
    }

    @Test
    void showsTheKeyOfThePeer() throws Exception {
        KeyPair key = P256.newKeyPair(RANDOM);
        server = serve(authority, key, "localhost");

        Channels.Pinned connection = open();

        assertThat(live(connection)).isTrue();
        assertThat(connection.peer().spki()).isEqualTo(key.getPublic().getEncoded());
        connection.channel().shutdownNow();
    }

    @Test
    void staysWithAPeerThatRestartsWithItsKey() throws Exception {
        KeyPair key = P256.newKeyPair(RANDOM);
        server = serve(authority, key, "localhost");
        Channels.Pinned connection = open();
        live(connection);

        restart(key);

        assertThat(liveAgain(connection)).isTrue();
        connection.channel().shutdownNow();
    }

    @Test
    void refusesAnotherKeyOnTheSameChannelEvenWhenTheAuthorityCertifiedIt() throws Exception {
        server = serve(authority, P256.newKeyPair(RANDOM), "localhost");
        Channels.Pinned connection = open();
        live(connection);

        restart(P256.newKeyPair(RANDOM));

        assertThatThrownBy(() -> liveUntilRefused(connection))
                .isInstanceOf(StatusRuntimeException.class)
                .hasRootCauseInstanceOf(PeerKeyChangedException.class);
        connection.channel().shutdownNow();
    }

    @Test
    void refusesAnotherHostName() throws Exception {
        server = serve(authority, P256.newKeyPair(RANDOM), "elsewhere");
        Channels.Pinned connection = open();

        assertThatThrownBy(() -> live(connection)).isInstanceOf(StatusRuntimeException.class);
        assertThatThrownBy(() -> connection.peer().spki())
                .isInstanceOf(IllegalStateException.class);
        connection.channel().shutdownNow();
    }

    @Test
    void refusesAnotherAuthority() throws Exception {
        server = serve(new TestCertificates(), P256.newKeyPair(RANDOM), "localhost");
        Channels.Pinned connection = open();

        assertThatThrownBy(() -> live(connection)).isInstanceOf(StatusRuntimeException.class);
        assertThatThrownBy(() -> connection.peer().spki())
                .isInstanceOf(IllegalStateException.class);
        connection.channel().shutdownNow();
    }

    private Server running() {
        return Objects.requireNonNull(server, "every test starts one");
    }

    private Channels.Pinned open() throws Exception {
        return Channels.open(profile, "localhost:" + port.number());
    }

    private static boolean live(Channels.Pinned connection) {
        return GRPCInferenceServiceGrpc.newBlockingStub(connection.channel())
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .serverLive(ServerLiveRequest.getDefaultInstance())
                .getLive();
    }

    /** The first calls after a restart may only see the old connection end. */
    private static void liveUntilRefused(Channels.Pinned connection) throws Exception {
        Eventually.holds(() -> {
            try {
                return live(connection);
            } catch (StatusRuntimeException e) {
                if (e.getCause() instanceof SSLException) {
                    throw e;
                }
                return false;
            }
        });
    }

    private static boolean liveAgain(Channels.Pinned connection) {
        return GRPCInferenceServiceGrpc.newBlockingStub(connection.channel())
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .withWaitForReady()
                .serverLive(ServerLiveRequest.getDefaultInstance())
                .getLive();
    }

    private void restart(KeyPair key) throws Exception {
        stopServer();
        server = serve(authority, key, "localhost");
    }

    private void stopServer() throws InterruptedException {
        running().shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }

    private Server serve(TestCertificates issuer, KeyPair key, String name) throws Exception {
        var tls =
                SslContextBuilder.forServer(key.getPrivate(), issuer.leaf(key, name))
                        .trustManager(issuer.certificate())
                        .clientAuth(ClientAuth.OPTIONAL)
                        .protocols("TLSv1.3");
        return NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port.number()))
                .sslContext(GrpcSslContexts.configure(tls).build())
                .addService(new Live())
                .build()
                .start();
    }

    private static final class Live extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
        @Override
        public void serverLive(
                ServerLiveRequest request, StreamObserver<ServerLiveResponse> answers) {
            answers.onNext(ServerLiveResponse.newBuilder().setLive(true).build());
            answers.onCompleted();
        }
    }
}
