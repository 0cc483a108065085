package dev.strongroom.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.strongroom.enclave.lease.LeaseMeter;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.infer.ServingLimits;
import dev.strongroom.serving.rpc.InferenceService;
import dev.strongroom.serving.rpc.NodeServer;
import dev.strongroom.serving.rpc.TestPeers;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A host that turns its clock back or stops it, as a caller over TLS sees the lease of ten minutes.
 */
class HostileClockTest {
    private static final TestPeers PEERS = new TestPeers();
    private static final Duration LEASE = Duration.ofMinutes(10);

    private final AtomicLong sinceBoot = new AtomicLong(1);
    private volatile Instant wall = Instant.EPOCH; // set by the test, read by the node's threads
    private LeaseMeter meter;
    private OpenedModel opened;
    private LeasedModel leased;
    private InferencePath path;
    private NodeServer server;
    private ManagedChannel channel;
    private GRPCInferenceServiceBlockingStub client;

    @BeforeEach
    void serve(@TempDir Path scratch) throws Exception {
        byte[] graph =
                new OnnxModel()
                        .input("x", OnnxModel.FLOAT, -1, 1)
                        .output("y", OnnxModel.FLOAT, -1, 1)
                        .node("Add", List.of("x", "x"), List.of("y"))
                        .bytes();
        opened = OpenedModel.of(graph, scratch);
        var lease = LeasedModelTest.lease(1000, 0, 0);
        wall = lease.issuedAt();
        meter = new LeaseMeter(lease, sinceBoot.get(), () -> wall, sinceBoot::get);
        leased =
                new LeasedModel(
                        meter,
                        new LeasedModel.Parts(
                                () -> {},
                                opened.engine()::close,
                                () -> 0,
                                () -> {},
                                List.of(),
                                _ -> {},
                                () -> {}));
        var limits = ServingLimits.of(1 << 20, 1, 8);
        var model = new ServedModel("acme/net", "1", opened.engine(), leased);
        path = new InferencePath(ServedModels.only(model), Guard.OPEN, limits);
        server = PEERS.serve(limits, new InferenceService(path, "0.1.0"));
        channel = PEERS.channel(server, PEERS.caller("consumer")).build();
        client = GRPCInferenceServiceGrpc.newBlockingStub(channel);
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.close();
        path.close();
        leased.close();
        opened.close();
    }

    @Test
    void aClockTurnedBackGivesNoMoreThanTheLeasesTime() {
        infer();
        wall = wall.minus(Duration.ofDays(1));
        pass(LEASE.minusSeconds(1));
        infer();
        pass(Duration.ofSeconds(1));
        assertThat(reason()).isEqualTo("LEASE_EXPIRED");
    }

    @Test
    void whatHasEndedStaysEndedWhenTheClockIsTurnedBackAfterwards() {
        Instant issued = wall;
        wall = issued.plus(LEASE);
        assertThat(reason()).isEqualTo("LEASE_EXPIRED");
        wall = issued;
        assertThat(reason()).isEqualTo("LEASE_EXPIRED");
    }

    @Test
    void clocksThatStandStillEndWithTheVaultsSignedTime() {
        infer();
        meter.told(wall.plus(LEASE));
        assertThat(reason()).isEqualTo("LEASE_EXPIRED");
    }

    /** Of the clock that no host turns back; the wall clock goes on with it. */
    private void pass(Duration time) {
        wall = wall.plus(time);
        sinceBoot.addAndGet(time.toNanos());
    }

    private void infer() {
        var request = ModelInferRequest.newBuilder().setModelName("acme/net");
        request.addInputsBuilder().setName("x").setDatatype("FP32").addShape(1).addShape(1);
        request.addRawInputContents(ByteString.copyFrom(new byte[Float.BYTES]));
        assertThat(client.modelInfer(request.build()).getOutputsCount()).isEqualTo(1);
    }

    private String reason() {
        var refused = catchThrowableOfType(StatusRuntimeException.class, this::infer);
        assertThat(refused).isNotNull();
        return reason(StatusProto.fromThrowable(refused));
    }

    private static String reason(Status status) {
        try {
            return status.getDetails(0).unpack(ErrorInfo.class).getReason();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
