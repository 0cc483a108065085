package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.proto.inference.ModelStreamInferResponse;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.infer.ChosenGuard;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.OpenLease;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.infer.ServingLimits;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A small model over real connections: what a thread reads together runs together. */
@Timeout(120)
class QuickCallsTest {
    private static final String NAME = "acme/double";
    private static final int CALLS = 120; // the node takes 128 of a connection at a time

    @TempDir private Path scratch;
    private final TestPeers peers = new TestPeers();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final AtomicInteger elsewhere = new AtomicInteger(); // guarded by other threads
    private OpenedModel opened;
    private ServedModel model;
    private InferencePath path;
    private NodeServer server;

    @BeforeEach
    void serve() throws Exception {
        byte[] graph =
                new OnnxModel()
                        .input("x", OnnxModel.UINT8, -1)
                        .output("y", OnnxModel.UINT8, -1)
                        .node("Add", List.of("x", "x"), List.of("y"))
                        .bytes();
        opened = OpenedModel.of(graph, scratch);
        model = new ServedModel(NAME, "3", opened.engine(), new OpenLease());
        var limits = ServingLimits.of(1 << 20, 2, 1000);
        path = new InferencePath(ServedModels.only(model), guard(), limits);
        server = peers.serve(limits, new InferenceService(path, "0.1.0"));
        model.proveRows();
        assertThat(model.batches()).isTrue();
    }

    @AfterEach
    void stop() {
        channels.forEach(ManagedChannel::shutdownNow);
        server.close();
        path.close();
        opened.close();
    }

    @Test
    void manyCallsOfOneConnectionShareRunsAndEachHasItsOwnAnswer() throws Exception {
        var client = GRPCInferenceServiceGrpc.newFutureStub(channel());
        untilRunsAreShared(() -> {
            var answers = new ArrayList<Future<ModelInferResponse>>();
            for (int i = 0; i < CALLS; i++) {
                answers.add(client.modelInfer(request(i)));
            }
            for (int i = 0; i < CALLS; i++) {
                requireAnswer(answers.get(i).get(), i);
            }
        });
    }

    @Test
    void aStreamsRequestsShareRunsAndAnswersKeepTheirOrder() throws Exception {
        ManagedChannel channel = channel();
        untilRunsAreShared(() -> {
            BlockingQueue<ModelStreamInferResponse> answers = new LinkedBlockingQueue<>();
            StreamObserver<ModelInferRequest> stream =
                    GRPCInferenceServiceGrpc.newStub(channel)
                            .modelStreamInfer(
                                    new StreamObserver<>() {
                                        @Override
                                        public void onNext(ModelStreamInferResponse answer) {
                                            answers.add(answer);
                                        }

                                        @Override
                                        public void onError(Throwable e) {
                                            answers.add(
                                                    ModelStreamInferResponse.newBuilder()
                                                            .setErrorMessage(e.toString())
                                                            .build());
                                        }

                                        @Override
                                        public void onCompleted() {}
                                    });
            for (int i = 0; i < CALLS; i++) {
                stream.onNext(request(i));
            }
            stream.onCompleted();
            for (int i = 0; i < CALLS; i++) {
                ModelStreamInferResponse next = answers.poll(60, TimeUnit.SECONDS);
                assertThat(next).isNotNull();
                assertThat(next.getErrorMessage()).isEmpty();
                requireAnswer(next.getInferResponse(), i);
            }
        });
    }

    private ChosenGuard guard() {
        return _ -> {
            if (!Thread.currentThread().getName().startsWith("node-io")) {
                elsewhere.incrementAndGet();
            }
            return Guard.OPEN;
        };
    }

    private interface Round {
        void run() throws Exception;
    }

    /**
     * By the threads that read the calls: the model has to be seen to be quick first, call by call,
     * and more than one call to be there at once.
     */
    private void untilRunsAreShared(Round round) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        double rowsOfRun = 0;
        var alone = GRPCInferenceServiceGrpc.newBlockingStub(channel());
        while (rowsOfRun < 2 || elsewhere.get() > 0) {
            assertThat(System.nanoTime()).as("%f rows of a run", rowsOfRun).isLessThan(deadline);
            for (int i = 0; i < 50; i++) {
                requireAnswer(alone.modelInfer(request(i)), i);
            }
            var before = model.statistics().figures();
            elsewhere.set(0);
            round.run();
            var after = model.statistics().figures();
            rowsOfRun = (double) (after.rows() - before.rows()) / (after.runs() - before.runs());
        }
    }

    private static void requireAnswer(ModelInferResponse answer, int number) {
        assertThat(answer.getId()).isEqualTo("" + number);
        assertThat(answer.getRawOutputContents(0).byteAt(0)).isEqualTo((byte) (number * 2));
    }

    private static ModelInferRequest request(int number) {
        var request = ModelInferRequest.newBuilder().setModelName(NAME).setId("" + number);
        request.addInputsBuilder().setName("x").setDatatype("UINT8").addShape(1);
        return request.addRawInputContents(ByteString.copyFrom(new byte[] {(byte) number})).build();
    }

    private ManagedChannel channel() {
        ManagedChannel channel = peers.channel(server, peers.caller("consumer")).build();
        channels.add(channel);
        return channel;
    }
}
