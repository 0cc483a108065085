package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.OpenLease;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.infer.ServingLimits;
import dev.strongroom.serving.infer.TestLimits;
import dev.strongroom.testkit.Eventually;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Callers who ask and never read. */
@Timeout(120)
class UnreadAnswersTest {
    private static final TestPeers PEERS = new TestPeers();
    private static final int BYTES = 1 << 20;

    @TempDir private Path scratch;
    private final BlockingQueue<Status> ends = new LinkedBlockingQueue<>();

    @Test
    void callersWhoNeverReadAreRefusedInTheEndAndTheirRoomComesBackWhenTheyGo() throws Exception {
        var limits = TestLimits.workingBytes(ServingLimits.of(BYTES, 2, 64), 1L << 50);
        try (var model = OpenedModel.of(OnnxModel.echo(), scratch);
                var path =
                        new InferencePath(
                                ServedModels.only(
                                        new ServedModel(
                                                "acme/net", "1", model.engine(), new OpenLease())),
                                Guard.OPEN,
                                limits);
                var server = PEERS.serve(limits, new InferenceService(path, "0.1.0"))) {
            ManagedChannel deaf = channel(server);
            List<ClientCall<ModelInferRequest, ModelInferResponse>> unread = new ArrayList<>();
            while (ends.isEmpty() && unread.size() < 64) {
                unread.add(ask(deaf));
                Status early = ends.poll(200, TimeUnit.MILLISECONDS);
                if (early != null) {
                    ends.add(early);
                }
            }
            assertThat(ends.take().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(unread).hasSizeBetween(3, 40);

            deaf.shutdownNow();
            ManagedChannel polite = channel(server);
            Eventually.holds(() -> answered(polite));
            polite.shutdownNow();
        }
    }

    /** False until the server has seen that the others have gone. */
    private static boolean answered(ManagedChannel channel) {
        try {
            return GRPCInferenceServiceGrpc.newBlockingStub(channel)
                            .modelInfer(request())
                            .getRawOutputContents(0)
                            .size()
                    == BYTES;
        } catch (StatusRuntimeException e) {
            assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            return false;
        }
    }

    private ClientCall<ModelInferRequest, ModelInferResponse> ask(ManagedChannel channel) {
        ClientCall<ModelInferRequest, ModelInferResponse> call =
                channel.newCall(
                        GRPCInferenceServiceGrpc.getModelInferMethod(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ends.add(status);
                    }
                },
                new Metadata());
        call.sendMessage(request()); // and request(…), which would read the answer, never comes
        call.halfClose();
        return call;
    }

    private static ModelInferRequest request() {
        var request = ModelInferRequest.newBuilder().setModelName("acme/net");
        request.addInputsBuilder().setName("x").setDatatype("UINT8").addShape(BYTES);
        return request.addRawInputContents(ByteString.copyFrom(new byte[BYTES])).build();
    }

    private static ManagedChannel channel(NodeServer server) {
        return PEERS.channel(server, PEERS.caller("consumer"))
                .flowControlWindow(BYTES / 4)
                .maxInboundMessageSize(4 * BYTES)
                .build();
    }
}
