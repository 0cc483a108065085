package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import dev.strongroom.client.Progress;
import dev.strongroom.client.Tensor;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferRequest.InferInputTensor;
import dev.strongroom.proto.inference.ServerReadyRequest;
import dev.strongroom.sim.demo.PlainRun;
import dev.strongroom.sim.demo.PreparedModel;
import dev.strongroom.testkit.hunt.FileHunt;
import dev.strongroom.testkit.hunt.Needles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A real model, all-MiniLM-L6-v2, pushed sealed and served: the answers are the owner's own. */
@ExtendWith(SharedDeployment.class)
class InferenceTest {
    private static final Path MINILM =
            Path.of(System.getProperty("strongroom.models"), "all-minilm-l6-v2.onnx");
    private static final int SOME_INPUTS = 20;
    private static final int MANY_INPUTS = 200;
    private static final int MAX_BATCH = 5;
    private static final int MAX_LENGTH = 48;
    private static final float TOLERANCE = 1e-5f;
    private static final int INTEGRITY = 5;

    private static Deployment world;
    private static PreparedModel prepared;

    @BeforeAll
    static void serve(Deployment shared) throws Exception {
        world = shared.beside("inference");
        world.serve(world.tenant().model("minilm"), MINILM);
        Path plain = Files.createDirectories(world.owner().resolve("inference-reference"));
        prepared = PreparedModel.of(MINILM, plain, Progress.SILENT);
    }

    @AfterAll
    static void stop() throws Exception {
        try (var deployment = world;
                var reference = prepared) {
            assertThat(reference).isNotNull();
            assertThat(deployment).isNotNull();
        }
    }

    @Test
    void answersAsAPlainRunOfThePreparedModelDoes() throws Exception {
        answersAsAPlainRunDoes(SOME_INPUTS);
    }

    @Tag("nightly")
    @Test
    void answersAsAPlainRunOfThePreparedModelDoesToManyInputs() throws Exception {
        answersAsAPlainRunDoes(MANY_INPUTS);
    }

    private static void answersAsAPlainRunDoes(int inputsTried) throws Exception {
        var random = new Random(7);
        Set<List<Long>> shapes = new HashSet<>();
        try (var plain = new PlainRun(prepared.graph());
                var client = world.attested()) {
            for (int i = 0; i < inputsTried; i++) {
                int batch = 1 + random.nextInt(MAX_BATCH);
                int length = 1 + random.nextInt(MAX_LENGTH);
                List<Tensor> inputs = plain.randomInputs(random, batch, length);
                requireEqual(client.infer(inputs), plain.run(inputs));
                shapes.add(inputs.getFirst().shape());
            }
        }
        assertThat(shapes).hasSizeGreaterThan(inputsTried / 2);
    }

    private static void requireEqual(List<Tensor> answers, List<Tensor> expected) {
        assertThat(answers).hasSameSizeAs(expected);
        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).name()).isEqualTo(expected.get(i).name());
            assertThat(answers.get(i).shape()).isEqualTo(expected.get(i).shape());
            assertThat(answers.get(i).floats())
                    .containsExactly(expected.get(i).floats(), within(TOLERANCE));
        }
    }

    @Test
    void servesAnOrdinaryClientThatKnowsOnlyGrpcAndTls() throws Exception {
        try (var plain = new PlainRun(prepared.graph());
                var caller = Caller.of(world.tenant().consumer(), world.node().field("grpc"))) {
            var node = GRPCInferenceServiceGrpc.newBlockingStub(caller.channel());
            assertThat(node.serverReady(ServerReadyRequest.getDefaultInstance()).getReady())
                    .isTrue();
            List<Tensor> inputs = plain.randomInputs(new Random(11), 2, 9);
            var request = ModelInferRequest.newBuilder().setModelName(world.model().toString());
            for (Tensor input : inputs) {
                request.addInputs(
                                InferInputTensor.newBuilder()
                                        .setName(input.name())
                                        .setDatatype(input.type().name())
                                        .addAllShape(input.shape()))
                        .addRawInputContents(ByteString.copyFrom(input.data()));
            }
            var answer = node.modelInfer(request.build());
            Tensor expected = plain.run(inputs).getFirst();
            assertThat(answer.getOutputs(0).getShapeList()).isEqualTo(expected.shape());
            float[] floats = new float[expected.floats().length];
            answer.getRawOutputContents(0)
                    .asReadOnlyByteBuffer()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(floats);
            assertThat(floats).containsExactly(expected.floats(), within(TOLERANCE));
        }
    }

    /** So the node cannot have answered from a file: it has none with the weights in it. */
    @Test
    void noFileOutsideTheOwnersFolderHasTheWeights() throws Exception {
        Needles needles = prepared.windows(2_000, new SecureRandom());
        var hunt = new FileHunt(needles);
        assertThat(hunt.hunt(prepared.files(), Set.of()).distinct()).isEqualTo(needles.count());
        assertThat(hunt.hunt(List.of(world.rest()), Set.of()).hits()).isZero();
    }

    /** So what the node answers from is this ciphertext, opened. */
    @Test
    void withOneFlippedByteInTheStoreNoNodeStarts() throws Exception {
        HandmadeNode node = HandmadeNode.of(world, world.model());
        Path sealed = largestObject();
        flip(sealed);
        try {
            Outcome outcome = node.refused();
            assertThat(outcome.exit()).as(outcome.err()).isEqualTo(INTEGRITY);
            assertThat(outcome.err()).contains("sealed");
        } finally {
            flip(sealed);
        }
        node.requireServing();
    }

    private static Path largestObject() throws IOException {
        try (Stream<Path> files = Files.walk(world.vaultData().resolve("objects"))) {
            return files.filter(Files::isRegularFile)
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }

    private static void flip(Path file) throws IOException {
        try (var bytes = new RandomAccessFile(file.toFile(), "rw")) {
            long middle = bytes.length() / 2;
            bytes.seek(middle);
            int old = bytes.read();
            bytes.seek(middle);
            bytes.write(old ^ 1);
        }
    }
}
