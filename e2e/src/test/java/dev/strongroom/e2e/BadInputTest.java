package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.client.PushRequest.Preparing;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.SegmentGeometry;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.strongroom.proto.inference.InferTensorContents;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferRequest.InferInputTensor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is not a model, not the sealed file, not the manifest, not the tensor: refused with an exit
 * code or status of its own and a way on, and nothing half-done is left.
 */
@Tag("nightly")
class BadInputTest {
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int INTEGRITY = 5;
    private static final int SEGMENT = SegmentGeometry.SEGMENT_BYTES;
    private static final long WEIGHTS_BYTES = 3L * SEGMENT;

    private static Deployment world;
    private static ModelName model;

    /** The sealed weights of the first and the second version: other keys, other weights. */
    private static Path older;

    private static Path newer;

    /** The sealed graph of the second version. */
    private static Path graph;

    @BeforeAll
    static void push() throws Exception {
        world = Deployment.serving();
        model = world.acme().model("segments");
        world.permit(model);
        older = sealed(1).getLast();
        List<Path> second = sealed(2);
        graph = second.getFirst();
        newer = second.getLast();
    }

    /** Pushes a version; gives its sealed files, the graph first, which is the smaller one. */
    private static List<Path> sealed(long seed) throws Exception {
        Set<Path> before = objects();
        Path folder = world.owner().resolve("external-" + seed);
        world.push(model, ExternalModel.write(folder, seed, WEIGHTS_BYTES), Preparing.NEVER);
        Set<Path> added = objects();
        added.removeAll(before);
        assertThat(added).hasSize(2);
        return added.stream()
                .sorted(Comparator.comparingLong(file -> file.toFile().length()))
                .toList();
    }

    private static Set<Path> objects() throws IOException {
        return files(world.vaultData().resolve("objects"));
    }

    private static Set<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .collect(Collectors.toCollection(HashSet::new));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        world.close();
    }

    // Not a model.

    static Stream<Arguments> nonModels() {
        byte[] tiny = TinyModel.bytes(3);
        return Stream.of(
                Arguments.of("empty", new byte[0]),
                Arguments.of("text", "not a model\n".getBytes(StandardCharsets.UTF_8)),
                Arguments.of("cut off", Arrays.copyOf(tiny, tiny.length - 100)),
                Arguments.of("zeros", new byte[4096]));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("nonModels")
    void aFileThatIsNoModelIsNotPushed(String name, byte[] content) throws Exception {
        Path file = Files.write(world.owner().resolve("bad.onnx"), content);
        Set<Path> vault = files(world.vaultData().resolve("uploads"));
        Outcome outcome = push(world.acme().model("tiny"), file);
        assertThat(outcome.exit()).as(outcome.err()).isEqualTo(LOCAL);
        assertThat(outcome.err()).contains("is not an ONNX model", "next: give a .onnx file");
        assertThat(files(world.vaultData().resolve("uploads"))).isEqualTo(vault);
        requireNothingLeft();
    }

    /** The graph reads well and means nothing: only the optimiser, in its own process, can tell. */
    @Test
    void aModelThatOnnxRuntimeRefusesIsNotPushed() throws Exception {
        byte[] tiny = TinyModel.bytes(3);
        int operator = indexOf(tiny, "MatMul".getBytes(StandardCharsets.UTF_8));
        tiny[operator] = 'X';
        Path file = Files.write(world.owner().resolve("unknown-operator.onnx"), tiny);
        Outcome outcome = push(world.acme().model("tiny"), file);
        assertThat(outcome.exit()).as(outcome.err()).isEqualTo(LOCAL);
        assertThat(outcome.err()).contains("next:");
        requireNothingLeft();
    }

    private static int indexOf(byte[] bytes, byte[] needle) {
        for (int at = 0; at <= bytes.length - needle.length; at++) {
            if (Arrays.equals(bytes, at, at + needle.length, needle, 0, needle.length)) {
                return at;
            }
        }
        throw new IllegalStateException("not found");
    }

    private static void requireNothingLeft() throws IOException {
        Path context = world.acme().owner();
        for (String folder : List.of("private", "spool")) {
            if (Files.exists(context.resolve(folder))) {
                assertThat(files(context.resolve(folder)))
                        .allMatch(file -> file.toString().endsWith(".lock"));
            }
        }
    }

    private static Outcome push(ModelName name, Path file) {
        String[] words = {"model", "push", name.toString(), file.toString()};
        return world.command(world.acme().owner(), words);
    }

    // Not the sealed file: whoever has the vault's disk.

    static Stream<Arguments> damages() {
        return Stream.of(
                damage("truncated by a byte", b -> Arrays.copyOf(b, b.length - 1)),
                damage("truncated by a segment", b -> Arrays.copyOf(b, 2 * SEGMENT)),
                damage("empty", b -> new byte[0]),
                damage("longer", b -> Arrays.copyOf(b, b.length + 1)),
                damage("two segments reordered", BadInputTest::reordered),
                damage("swapped with the sealed graph", b -> read(graph)),
                damage("rolled back to the version before", b -> read(older)),
                damage("the older version's second half", BadInputTest::spliced),
                damage("a flipped bit in the header", b -> flipped(b, 5)),
                damage("a flipped bit at the end", b -> flipped(b, b.length - 1)));
    }

    private static Arguments damage(String name, UnaryOperator<byte[]> how) {
        return Arguments.of(name, how);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damages")
    void aSealedFileThatIsNotTheOwnersIsRefused(String name, UnaryOperator<byte[]> damage)
            throws Exception {
        byte[] sealed = read(newer);
        Files.write(newer, damage.apply(sealed));
        try {
            refusedByOwner();
            refusedByNode(HandmadeNode.of(world, model), "sealed");
        } finally {
            Files.write(newer, sealed);
        }
    }

    /** What a node fetched in vain does not keep it from starting once the vault is in order. */
    @Test
    void afterARefusalTheSameNodeStartsWithTheRightFile() throws Exception {
        HandmadeNode node = HandmadeNode.of(world, model);
        byte[] sealed = read(newer);
        Files.write(newer, spliced(sealed));
        try {
            refusedByNode(node, "sealed");
        } finally {
            Files.write(newer, sealed);
        }
        node.requireServing();
        world.command(world.acme().owner(), "model", "verify", model.toString()).succeeded();
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] reordered(byte[] sealed) {
        byte[] other = sealed.clone();
        System.arraycopy(sealed, SEGMENT, other, 2 * SEGMENT, SEGMENT);
        System.arraycopy(sealed, 2 * SEGMENT, other, SEGMENT, SEGMENT);
        return other;
    }

    private static byte[] spliced(byte[] sealed) {
        byte[] other = read(older);
        System.arraycopy(sealed, 0, other, 0, 2 * SEGMENT);
        return other;
    }

    private static byte[] flipped(byte[] sealed, int at) {
        byte[] other = sealed.clone();
        other[at] ^= 1;
        return other;
    }

    // Not the manifest.

    @Test
    void aManifestWithOneFlippedByteIsRefused() throws Exception {
        Path database = world.vaultData().resolve("vault.db");
        String row = "WHERE model = 'segments' AND number = 2";
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                var statement = connection.createStatement()) {
            byte[] manifest =
                    statement.executeQuery("SELECT manifest FROM version " + row).getBytes(1);
            try (var update =
                    connection.prepareStatement("UPDATE version SET manifest = ? " + row)) {
                update.setBytes(1, flipped(manifest, manifest.length / 2));
                update.execute();
                refusedByOwner();
                refusedByNode(HandmadeNode.of(world, model), "manifest");
                update.setBytes(1, manifest);
                update.execute();
            }
        }
        world.command(world.acme().owner(), "model", "verify", model.toString()).succeeded();
    }

    private static void refusedByOwner() {
        Outcome owner = world.command(world.acme().owner(), "model", "verify", model.toString());
        assertThat(owner.exit()).as(owner.err()).isEqualTo(INTEGRITY);
        assertThat(owner.err()).contains("next:");
    }

    private static void refusedByNode(HandmadeNode node, String what) throws Exception {
        Outcome outcome = node.refused();
        assertThat(outcome.exit()).as(outcome.err()).isEqualTo(INTEGRITY);
        assertThat(outcome.err()).contains(what).doesNotContain("\tat ");
        assertThat(outcome.out()).isEmpty();
    }

    // Not the tensor.

    static Stream<Arguments> badTensors() {
        return Stream.of(
                tensor("INPUT_UNKNOWN", r -> r.getInputsBuilder(0).setName("z")),
                tensor("INPUT_DATATYPE", r -> r.getInputsBuilder(0).setDatatype("INT64")),
                tensor("INPUT_SHAPE", r -> r.getInputsBuilder(0).setShape(1, 63)),
                tensor("INPUT_SHAPE", r -> r.getInputsBuilder(0).addShape(1)),
                tensor("INPUT_SIZE", r -> r.getInputsBuilder(0).setShape(0, 2)),
                tensor(
                        "INPUT_SIZE",
                        r -> r.setRawInputContents(0, ByteString.copyFrom(new byte[3]))),
                tensor("MODEL_NOT_FOUND", r -> r.setModelName("acme/other")),
                tensor("VERSION_NOT_FOUND", r -> r.setModelVersion("7")));
    }

    private static Arguments tensor(String reason, Consumer<ModelInferRequest.Builder> damage) {
        return Arguments.of(reason, damage);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badTensors")
    void aTensorThatIsNotTheModelsIsRefused(
            String reason, Consumer<ModelInferRequest.Builder> damage) throws Exception {
        try (var caller = caller()) {
            ModelInferRequest.Builder request = request();
            damage.accept(request);
            Refused refused = Refused.by(() -> node(caller).modelInfer(request.build()));
            assertThat(refused.info().getReason()).as(refused.message()).isEqualTo(reason);
            assertThat(refused.code()).isIn(Status.Code.INVALID_ARGUMENT, Status.Code.NOT_FOUND);
            assertThat(refused.message()).contains("expected");
            assertThat(node(caller).modelInfer(request().build()).getOutputsCount()).isOne();
        }
    }

    @Test
    void aMessageOverTheLimitIsRefusedAndTheNodeServesOn() throws Exception {
        try (var caller = caller()) {
            var huge = request();
            huge.getInputsBuilder(0)
                    .setContents(
                            InferTensorContents.newBuilder()
                                    .addBytesContents(ByteString.copyFrom(new byte[65 << 20])));
            Throwable error =
                    Assertions.catchThrowable(() -> node(caller).modelInfer(huge.build()));
            assertThat(error).isInstanceOf(StatusRuntimeException.class);
            assertThat(((StatusRuntimeException) error).getStatus().getCode())
                    .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(node(caller).modelInfer(request().build()).getOutputsCount()).isOne();
        }
    }

    @Test
    void theCommandSaysWhatIsWrongWithATensor() throws Exception {
        Outcome unknown = infer("z=[[1]]");
        assertThat(unknown.exit()).as(unknown.err()).isEqualTo(LOCAL);
        assertThat(unknown.err()).contains("no input z", "next: its inputs are [x]");
        Outcome shape = infer("x=[[1,2]]");
        assertThat(shape.exit()).as(shape.err()).isIn(LOCAL, REMOTE);
        assertThat(shape.err()).contains("64", "next:");
        Outcome text = infer("x=hello");
        assertThat(text.exit()).as(text.err()).isEqualTo(LOCAL);
        assertThat(text.err()).contains("next:");
    }

    private static Outcome infer(String input) {
        return world.command(
                world.acme().consumer(),
                "infer",
                world.model().toString(),
                "--node",
                world.node().field("grpc"),
                "--input",
                input);
    }

    private static Caller caller() throws IOException {
        return Caller.of(world.acme().consumer(), world.node().field("grpc"));
    }

    private static GRPCInferenceServiceBlockingStub node(Caller caller) {
        return GRPCInferenceServiceGrpc.newBlockingStub(caller.channel());
    }

    /** One that is in order. */
    private static ModelInferRequest.Builder request() {
        return ModelInferRequest.newBuilder()
                .setModelName(world.model().toString())
                .addInputs(
                        InferInputTensor.newBuilder()
                                .setName("x")
                                .setDatatype("FP32")
                                .addShape(1)
                                .addShape(TinyModel.SIDE))
                .addRawInputContents(ByteString.copyFrom(new byte[TinyModel.SIDE * Float.BYTES]));
    }
}
