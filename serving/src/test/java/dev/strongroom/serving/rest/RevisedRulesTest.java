package dev.strongroom.serving.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelStreamInferResponse;
import dev.strongroom.proto.inference.ServerLiveRequest;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.access.TestAuthority.Issued;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.ServingLimits;
import dev.strongroom.serving.infer.TestLimits;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An owner forbids, while a node runs, what connections of a running node do. */
@Timeout(60)
class RevisedRulesTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final String LIVE = "GET /v2/health/live HTTP/1.1\r\nhost: n\r\n\r\n";

    @TempDir private Path scratch;
    private BothServers node;

    @BeforeEach
    void serve() throws Exception {
        node =
                new BothServers(
                        OnnxModel.echo(),
                        scratch,
                        Guard.OPEN,
                        TestLimits.connectionsPerAddress(ServingLimits.of(1 << 16, 2, 8), 64),
                        limits(LONG, LONG, 100, RevisedRulesTest::anybody));
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void whoConnectedFromAnAddressThatIsForbiddenNowIsRefusedAtOnceAndCutOff() throws Exception {
        ManagedChannel channel = connected(consumer());
        try (Socket socket = connectedOverHttp()) {
            CountDownLatch left = leftReady(channel);

            node.revise(limits(LONG, LONG, 100, RevisedRulesTest::nobody));

            assertThatThrownBy(() -> call(channel))
                    .isInstanceOf(StatusRuntimeException.class)
                    .hasMessageContaining("takes no calls from this address");
            assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(readToEnd(socket)).isEmpty();
        }
        assertThatThrownBy(() -> call(node.channel(consumer())))
                .hasMessageContaining("takes no calls from this address");

        node.revise(limits(LONG, LONG, 100, RevisedRulesTest::anybody));
        connected(consumer());
        connectedOverHttp().close();
    }

    @Test
    void aStreamFromAnAddressThatIsForbiddenNowEndsWithinSeconds() throws Exception {
        var ended = new CountDownLatch(1);
        var _ =
                GRPCInferenceServiceGrpc.newStub(connected(consumer()))
                        .modelStreamInfer(endOf(ended));

        node.revise(limits(LONG, LONG, 100, RevisedRulesTest::nobody));

        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void theLatestConnectionsOfWhoHasMoreThanHeMayNowHaveEnd() throws Exception {
        Issued consumer = consumer();
        ManagedChannel first = connected(consumer);
        ManagedChannel second = connected(consumer);
        CountDownLatch left = leftReady(second);

        node.revise(limits(LONG, LONG, 1, RevisedRulesTest::anybody));

        assertThatThrownBy(() -> call(second)).hasMessageContaining("as many connections as");
        assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
        call(first);
    }

    @Test
    void connectionsThatAreTooOldByTheNewRulesEnd() throws Exception {
        endsBoth(limits(LONG, SHORT, 100, RevisedRulesTest::anybody));
    }

    @Test
    void connectionsThatAreIdleForTooLongByTheNewRulesEnd() throws Exception {
        endsBoth(limits(SHORT, LONG, 100, RevisedRulesTest::anybody));
    }

    @Test
    void oneTenantsBoundsOfIdlenessAndAgeEndNoConnectionOfAnothers() throws Exception {
        ManagedChannel kept = connected(consumer());
        CountDownLatch keptLeft = leftReady(kept);
        Issued stranger = node.ca.client("globex", "consumer");
        ManagedChannel theirs = node.channel(stranger);
        assertThatThrownBy(() -> call(theirs)).hasMessageContaining("another tenant");
        CountDownLatch theirsLeft = leftReady(theirs);
        try (Socket socket = connectedOverHttp();
                Socket theirSocket = node.socket(stranger)) {
            send(theirSocket);

            node.revise("globex", limits(SHORT, SHORT, 100, RevisedRulesTest::anybody));

            assertThat(theirsLeft.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(new String(readToEnd(theirSocket), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 403");
            send(socket);
            assertThat((char) socket.getInputStream().read()).isEqualTo('H');
            call(kept);
            assertThat(keptLeft.getCount()).as("it is the same connection").isOne();
        }
    }

    private void endsBoth(ConnectionLimits rules) throws Exception {
        ManagedChannel channel = connected(consumer());
        try (Socket socket = connectedOverHttp()) {
            CountDownLatch left = leftReady(channel);

            node.revise(rules);

            assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(readToEnd(socket)).isEmpty();
        }
    }

    private static ConnectionLimits limits(
            Duration idle, Duration age, int perIdentity, Predicate<InetAddress> admits) {
        return new ConnectionLimits(idle, age, Duration.ofSeconds(1), perIdentity, admits);
    }

    private static boolean anybody(InetAddress address) {
        return true;
    }

    private static boolean nobody(InetAddress address) {
        return false;
    }

    private Issued consumer() {
        return node.ca.client("acme", "consumer");
    }

    private ManagedChannel connected(Issued consumer) {
        ManagedChannel channel = node.channel(consumer);
        call(channel);
        return channel;
    }

    private static void call(ManagedChannel channel) {
        var _ =
                GRPCInferenceServiceGrpc.newBlockingStub(channel)
                        .serverLive(ServerLiveRequest.getDefaultInstance());
    }

    private static CountDownLatch leftReady(ManagedChannel channel) {
        var left = new CountDownLatch(1);
        channel.notifyWhenStateChanged(ConnectivityState.READY, left::countDown);
        return left;
    }

    private static StreamObserver<ModelStreamInferResponse> endOf(CountDownLatch ended) {
        return new StreamObserver<>() {
            @Override
            public void onNext(ModelStreamInferResponse answer) {}

            @Override
            public void onError(Throwable e) {
                ended.countDown();
            }

            @Override
            public void onCompleted() {
                ended.countDown();
            }
        };
    }

    /** A connection whose first answer was read. */
    private Socket connectedOverHttp() throws Exception {
        Socket socket = node.socket(consumer());
        send(socket);
        var answer = new StringBuilder();
        while (!answer.toString().endsWith("}")) {
            answer.append((char) socket.getInputStream().read());
        }
        assertThat(answer).startsWith("HTTP/1.1 200");
        return socket;
    }

    private static void send(Socket socket) throws IOException {
        socket.getOutputStream().write(LIVE.getBytes(StandardCharsets.UTF_8));
    }

    /** What else comes before the connection ends. */
    private static byte[] readToEnd(Socket socket) throws IOException {
        return socket.getInputStream().readAllBytes();
    }
}
