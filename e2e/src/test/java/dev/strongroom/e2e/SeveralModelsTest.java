package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.Tensor;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.strongroom.proto.inference.ModelReadyRequest;
import dev.strongroom.testkit.Eventually;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Three models of one owner on a node that has room for two, so that they come and go. */
@Tag("nightly")
class SeveralModelsTest {
    private static final Offset<Float> TOLERANCE = Offset.offset(1e-4f);
    private static final int TWO_MODELS = 45_000; // bytes; one takes some 17,000

    private static Deployment world;
    private static List<ModelName> models;

    @BeforeAll
    static void serve() throws Exception {
        world = Deployment.withoutModel();
        models = List.of(name("a"), name("b"), name("c"));
        for (ModelName model : models) {
            world.permit(model);
            push(model, seed(model));
        }
        world.configureNodes("memoryBytes: " + TWO_MODELS);
        world.startNode(models, Launch.plain());
    }

    @AfterAll
    static void stop() throws Exception {
        world.close();
    }

    private static ModelName name(String model) {
        return world.acme().model(model);
    }

    /** Of its weights at first. */
    private static long seed(ModelName model) {
        return 10L + models.indexOf(model);
    }

    private static void push(ModelName model, long seed) throws Exception {
        world.push(model, TinyModel.write(world.owner().resolve("m" + seed + ".onnx"), seed));
    }

    @Test
    void eachAnswersWithItsOwnWeightsAndOneThatIsAwayIsBroughtInForIt() throws Exception {
        try (var caller = Caller.of(world.acme().consumer(), world.node().field("grpc"))) {
            var node = GRPCInferenceServiceGrpc.newBlockingStub(caller.channel());
            for (int round = 0; round < 2; round++) {
                for (ModelName model : models) {
                    requireAnswer(answer(node, model), seed(model));
                }
            }
            long here =
                    models.stream()
                            .filter(model ->
                                    node.modelReady(
                                                    ModelReadyRequest.newBuilder()
                                                            .setName(model.toString())
                                                            .build())
                                            .getReady())
                            .count();
            assertThat(here).as("as many as there is room for").isBetween(1L, 2L);
        }
        assertThat(Files.readString(world.nodeLog())).contains("model.evicted", "model.loaded");
        Outcome log = world.command(world.auditor(), "audit", "list", "-o", "json");
        assertThat(log.succeeded().out()).contains("node.zeroised");
    }

    @Test
    void anAttestedClientAsksForWhicheverItWants() throws Exception {
        for (ModelName model : models) {
            requireHere(model);
            world.serves(model);
            try (InferenceClient client = world.attested()) {
                var row = TinyModel.row(3);
                var question = Tensor.ofFloats("x", List.of(1L, (long) TinyModel.SIDE), row);
                requireAnswer(client.infer(List.of(question)).getFirst().floats(), seed(model));
            }
        }
    }

    private static void requireHere(ModelName model) throws Exception {
        try (var caller = Caller.of(world.acme().consumer(), world.node().field("grpc"))) {
            answer(GRPCInferenceServiceGrpc.newBlockingStub(caller.channel()), model);
        }
    }

    private static void requireAnswer(float[] answer, long seed) {
        assertThat(answer).containsExactly(TinyModel.expected(TinyModel.row(3), seed), TOLERANCE);
    }

    /** As soon as it is there; until then the only word is to come back. */
    private static float[] answer(GRPCInferenceServiceBlockingStub node, ModelName model)
            throws Exception {
        return Eventually.first(() -> answerNow(node, model), Optional::isPresent).orElseThrow();
    }

    private static Optional<float[]> answerNow(
            GRPCInferenceServiceBlockingStub node, ModelName model) {
        try {
            var answer = new float[TinyModel.SIDE];
            node.modelInfer(TinyQuestion.of(model, ""))
                    .getRawOutputContents(0)
                    .asReadOnlyByteBuffer()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(answer);
            return Optional.of(answer);
        } catch (StatusRuntimeException e) {
            assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(e).hasMessageContaining("is being brought into memory");
            return Optional.empty();
        }
    }
}
