package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.access.LiveLimits;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.OpenLease;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.infer.ServingLimits;
import dev.strongroom.serving.infer.TestLimits;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A peer who answers no ping and ends no call stays no longer for it. */
@Timeout(60)
class RetirementTest {
    private static final TestPeers PEERS = new TestPeers();
    private static final String INFER =
            GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName();
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final Duration PING = Duration.ofSeconds(10); // that gRPC waits for by itself

    @TempDir private Path scratch;
    private final AtomicReference<ConnectionLimits> rules =
            new AtomicReference<>(limits(LONG, LONG, _ -> true));
    private final LiveLimits live = new LiveLimits(rules::get);
    private OpenedModel model;
    private InferencePath path;
    private NodeServer server;

    @BeforeEach
    void serve() throws Exception {
        ServingLimits limits =
                TestLimits.connectionsPerAddress(ServingLimits.of(1 << 16, 2, 8), 64);
        model = OpenedModel.of(OnnxModel.echo(), scratch);
        path =
                new InferencePath(
                        ServedModels.only(
                                new ServedModel("acme/net", "1", model.engine(), new OpenLease())),
                        Guard.OPEN,
                        limits);
        server =
                TestPeers.serve(
                        PEERS.door(limits, live), limits, new InferenceService(path, "0.1.0"));
    }

    @AfterEach
    void close() {
        server.close();
        path.close();
        model.close();
    }

    @Test
    void aDeniedConnectionEndsInItsTimeWithACallOpenAndNoPingAnswered() throws Exception {
        try (RawPeer peer = busy()) {
            long denied = System.nanoTime();
            revise(limits(LONG, GRACE, _ -> false));
            peer.awaitEnd();
            assertThat(since(denied)).isBetween(GRACE, PING);
        }
    }

    @Test
    void oneThatIsLeavingByItsAgeEndsInTheTimeOfItsDenial() throws Exception {
        try (RawPeer peer = busy()) {
            revise(limits(SHORT, LONG, _ -> true));
            peer.read(RawPeer.GOAWAY);
            peer.awaitHeard(); // it is there for its call
            long denied = System.nanoTime();
            revise(limits(SHORT, GRACE, _ -> false));
            peer.awaitEnd();
            assertThat(since(denied)).isBetween(GRACE, PING);
        }
    }

    @Test
    void aLaterTimeDoesNotReplaceAnEarlierOne() throws Exception {
        try (RawPeer peer = busy()) {
            long old = System.nanoTime();
            revise(limits(SHORT, GRACE, _ -> true));
            peer.read(RawPeer.GOAWAY);
            revise(limits(SHORT, LONG, _ -> false));
            peer.awaitEnd();
            assertThat(since(old)).isLessThan(PING);
        }
    }

    /** Has a call under way that never ends. */
    private RawPeer busy() throws Exception {
        RawPeer peer = RawPeer.connect(server.port(), PEERS.ca(), PEERS.caller("consumer"));
        peer.call(1, INFER);
        peer.begin(1, 60_000, 6_000);
        peer.awaitHeard();
        return peer;
    }

    private void revise(ConnectionLimits next) {
        rules.set(next);
        live.revise();
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private static ConnectionLimits limits(
            Duration age, Duration grace, Predicate<InetAddress> admits) {
        return new ConnectionLimits(LONG, age, grace, 100, admits);
    }
}
