package dev.strongroom.serving.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.ExchangeDigest;
import dev.strongroom.crypto.format.GuardMeasure;
import dev.strongroom.crypto.format.GuardMeasure.Step;
import dev.strongroom.crypto.format.GuardMeasure.Whose;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.puzzle.Puzzle;
import dev.strongroom.crypto.puzzle.Solution;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.access.TestAuthority.Issued;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.TensorSignature;
import dev.strongroom.serving.guard.GuardEvents;
import dev.strongroom.serving.guard.GuardMeters;
import dev.strongroom.serving.guard.Measures;
import dev.strongroom.serving.guard.PolicyGuard;
import dev.strongroom.serving.guard.RowWatch;
import dev.strongroom.serving.guard.Watch;
import dev.strongroom.serving.guard.detect.ThreeClasses;
import dev.strongroom.serving.guard.leak.Directions;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.limit.Limits;
import dev.strongroom.serving.guard.limit.OneDay;
import dev.strongroom.serving.guard.limit.SharedLimits;
import dev.strongroom.serving.guard.limit.Ticks;
import dev.strongroom.serving.guard.puzzle.PuzzleDesk;
import dev.strongroom.serving.guard.shape.Shaper;
import dev.strongroom.serving.infer.ServingLimits;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who comes over two transports is one caller: nobody gets more by it, and nobody hides. */
@Timeout(120)
class OneGuardTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String STANDARD = OutputPolicy.standard().canonical();
    private static final String EVE = "acme/consumer/somebody";

    @TempDir private Path scratch;
    private final OneDay day = new OneDay();
    private final Measures measures = new Measures();
    private final ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();
    private Optional<BothServers> node = Optional.empty();
    private Optional<Accounts> accounts = Optional.empty();

    @AfterEach
    void stop() {
        node.ifPresent(BothServers::close);
    }

    @Test
    void rowsCountAgainstOneBudgetOverEitherTransport() throws Exception {
        serve(partner("\"rowsPerDay\":10000000", "\"rowsPerDay\":100"), Watch.NONE);
        Issued eve = consumer();
        GRPCInferenceServiceBlockingStub grpc = node().stub(eve);
        HttpClient rest = node().http(Optional.of(eve));
        assertThat(overGrpc(grpc, new float[60 * 3])).isEmpty();
        assertThat(overRest(rest, new float[40 * 3])).isEmpty();
        assertThat(overRest(rest, new float[3])).isEqualTo("DAY_BUDGET");
        assertThat(overGrpc(grpc, new float[3])).isEqualTo("DAY_BUDGET");
        assertThat(ask(rest, new float[3]).headers().firstValue("retry-after")).contains("86400");
    }

    @Test
    void whoIsSuspendedIsSuspendedOverEitherTransport() throws Exception {
        serve(STANDARD, Watch.NONE);
        Issued eve = consumer();
        HttpClient rest = node().http(Optional.of(eve));
        assertThat(overRest(rest, new float[3])).isEmpty();
        measures.become(List.of(new GuardMeasure(Whose.PRINCIPAL, EVE, Step.SUSPEND, 7)));
        assertThat(overRest(rest, new float[3])).isEqualTo("SUSPENDED");
        assertThat(overGrpc(node().stub(eve), new float[3])).isEqualTo("SUSPENDED");
    }

    /** Whose rows cost more than one pays in work as well, where the owner wants it. */
    @Test
    void whoIsSuspectedComputesBeforeHeIsAnsweredOverEitherTransport() throws Exception {
        serve(laborious(STANDARD), Watch.NONE);
        Issued eve = consumer();
        GRPCInferenceServiceBlockingStub grpc = node().stub(eve);
        HttpClient rest = node().http(Optional.of(eve));
        assertThat(overGrpc(grpc, new float[3])).as("of nobody else").isEmpty();
        suspect();

        ErrorInfo due = refusal(grpc, request(new float[3]).build());
        assertThat(due.getReason()).isEqualTo("PUZZLE_DUE");
        String solution = solved(due.getMetadataOrThrow("puzzle"), new float[3]);
        ModelInferRequest paid = with(solution, new float[3]);
        assertThat(grpc.modelInfer(paid).getOutputsCount()).isOne();
        assertThat(refusal(grpc, paid).getReason()).as("again").isEqualTo("PUZZLE_DUE");

        HttpResponse<String> owed = ask(rest, new float[6]);
        assertThat(owed.statusCode()).isEqualTo(428);
        String other = owed.headers().firstValue("strongroom-puzzle").orElseThrow();
        String parameters = ",\"parameters\":{\"puzzle\":\"" + solved(other, new float[6]) + "\"}";
        assertThat(ask(rest, new float[9], parameters).statusCode())
                .as("another question")
                .isEqualTo(428);
        assertThat(ask(rest, new float[6], parameters).statusCode()).isEqualTo(200);
        assertThat(ask(rest, new float[6], parameters).statusCode()).as("again").isEqualTo(428);
    }

    /** His work would be for nothing. */
    @Test
    void nobodyComputesForWhatIsRefusedAfterwards() throws Exception {
        serve(laborious(partner("\"rowsPerDay\":10000000", "\"rowsPerDay\":100")), Watch.NONE);
        suspect();
        GRPCInferenceServiceBlockingStub grpc = node().stub(consumer());
        assertThat(overGrpc(grpc, new float[3])).isEqualTo("PUZZLE_DUE");
        assertThat(overGrpc(grpc, new float[101 * 3])).isEqualTo("DAY_BUDGET");
        measures.become(List.of(new GuardMeasure(Whose.PRINCIPAL, EVE, Step.SUSPEND, 7)));
        assertThat(overGrpc(grpc, new float[3])).isEqualTo("SUSPENDED");
    }

    /** A guess costs him nothing else, and this node a hash. */
    @Test
    void aWrongTryCostsTheRateOfItsRowsAndARightOneThatOfItsAnswerOnly() throws Exception {
        int burst = 2;
        String json = laborious(STANDARD);
        int at = json.indexOf("\"burst\":", json.indexOf("\"tier\":\"partner\""));
        String few = json.substring(at).replaceFirst("\"burst\":\\d+", "\"burst\":" + burst);
        serve(json.substring(0, at) + few, Watch.NONE);
        suspect();
        GRPCInferenceServiceBlockingStub grpc = node().stub(consumer());
        String puzzle = puzzle(grpc);
        ModelInferRequest paid = with(solved(puzzle, new float[3]), new float[3]);
        assertThat(grpc.modelInfer(paid).getOutputsCount()).isOne();
        ModelInferRequest guess = with(wrong(puzzle(grpc)), new float[3]);
        assertThat(refusal(grpc, guess).getReason()).isEqualTo("PUZZLE_DUE");
        assertThat(overGrpc(grpc, new float[3])).as("all spent").isEqualTo("RATE_LIMITED");
    }

    @Test
    void whoGuessedWaitsOverEitherTransport() throws Exception {
        serve(laborious(STANDARD), Watch.NONE);
        suspect();
        Issued eve = consumer();
        GRPCInferenceServiceBlockingStub grpc = node().stub(eve);
        String kept = solved(puzzle(grpc), new float[3]);
        assertThat(refusal(grpc, with(wrong(puzzle(grpc)), new float[3])).getReason())
                .isEqualTo("PUZZLE_DUE");
        assertThat(refusal(grpc, with(kept, new float[3])).getReason()).isEqualTo("PUZZLE_WAIT");
        HttpResponse<String> answer =
                ask(
                        node().http(Optional.of(eve)),
                        new float[3],
                        ",\"parameters\":{\"puzzle\":\"" + kept + "\"}");
        assertThat(answer.headers().firstValue("strongroom-reason")).contains("PUZZLE_WAIT");
        assertThat(answer.headers().firstValue("retry-after")).isPresent();
    }

    private static String laborious(String policy) {
        return policy.replace(
                "\"puzzle\":{\"state\":\"off\",\"memoryKib\":8192",
                "\"puzzle\":{\"state\":\"on\",\"memoryKib\":64");
    }

    private void suspect() throws Exception {
        double[] strange = {1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3};
        accounts.orElseThrow()
                .use(Accounts.id(EVE), account -> account.add(List.of(strange, strange)));
    }

    private static String puzzle(GRPCInferenceServiceBlockingStub stub) throws Exception {
        return refusal(stub, request(new float[3]).build()).getMetadataOrThrow("puzzle");
    }

    private static String wrong(String text) throws Exception {
        Puzzle puzzle = Puzzle.parse(text);
        long number = 0;
        while (puzzle.solves(number, question(new float[3]))) {
            number++;
        }
        return new Solution(puzzle, number).text();
    }

    private static ModelInferRequest with(String solution, float[] values) {
        return request(values)
                .putParameters(
                        "puzzle", InferParameter.newBuilder().setStringParam(solution).build())
                .build();
    }

    private static String solved(String text, float[] values) throws Exception {
        Puzzle puzzle = Puzzle.parse(text);
        long number = puzzle.solve(question(values), () -> true).orElseThrow();
        return new Solution(puzzle, number).text();
    }

    private static Digest question(float[] values) {
        var part =
                new ExchangeDigest.Part(
                        "x",
                        "FP32",
                        List.of(values.length / 3L, 3L),
                        ByteBuffer.allocate(values.length * Float.BYTES));
        return ExchangeDigest.request("acme/net", "", List.of(part));
    }

    private static ErrorInfo refusal(
            GRPCInferenceServiceBlockingStub stub, ModelInferRequest request) throws Exception {
        try {
            assertThat(stub.modelInfer(request).getOutputsCount()).isOne();
            return ErrorInfo.getDefaultInstance();
        } catch (StatusRuntimeException e) {
            return StatusProto.fromThrowable(e).getDetails(0).unpack(ErrorInfo.class);
        }
    }

    @Test
    void connectionsOfAnIdentityAreCountedOverBoth() throws Exception {
        serve(STANDARD.replace("\"concurrent\":256", "\"concurrent\":2"), Watch.NONE);
        Issued eve = consumer();
        assertThat(overGrpc(node().stub(eve), new float[3])).isEmpty();
        assertThat(overRest(node().http(Optional.of(eve)), new float[3])).isEmpty();
        assertThat(overRest(node().http(Optional.of(eve)), new float[3]))
                .isEqualTo("TOO_MANY_SESSIONS");
        assertThat(overGrpc(node().stub(eve), new float[3])).isEqualTo("TOO_MANY_SESSIONS");
    }

    @Test
    void anAddressThatIsDeniedIsDenied() throws Exception {
        serve(STANDARD.replace("\"deny\":[]", "\"deny\":[\"127.0.0.0/8\"]"), Watch.NONE);
        assertThat(overRest(node().http(Optional.of(consumer())), new float[3]))
                .isEqualTo("ADDRESS_DENIED");
    }

    /** Half of his questions over each, none of them enough for the detector by itself. */
    @Test
    void whoStealsOverBothIsSeenAsOne() throws Exception {
        var random = new Random(5);
        serve(
                STANDARD,
                Watch.of(
                        new RowWatch(
                                ThreeClasses.calibration(random),
                                new SecureRandom(),
                                InstantSource.system())));
        Issued eve = consumer();
        GRPCInferenceServiceBlockingStub grpc = node().stub(eve);
        HttpClient rest = node().http(Optional.of(eve));
        HttpClient honest = node().http(Optional.of(node().ca.client("acme", "owner")));
        for (int i = 0; i < 30; i++) {
            assertThat(overGrpc(grpc, foreign(2 * i))).isEmpty();
            assertThat(overRest(rest, foreign(2 * i + 1))).isEmpty();
            assertThat(overRest(honest, ThreeClasses.honest(random))).isEmpty();
            assertThat(overRest(honest, ThreeClasses.honest(random))).isEmpty();
        }
        assertThat(ask(rest, new float[] {1, 2, 3}).body()).contains("\"data\":[0.0,0.0,1.0]");
        assertThat(ask(honest, ThreeClasses.honest(random)).body())
                .doesNotContain("[0.0,", ",1.0]");
        assertThat(events).anyMatch(event -> event.contains(EVE));
    }

    private static float[] foreign(int i) {
        return new float[] {40 + i, -40 - i, 0.1f * i};
    }

    private void serve(String json, Watch watch) throws Exception {
        OutputPolicy policy = OutputPolicy.parse(json.getBytes(StandardCharsets.UTF_8));
        var known = new Accounts(100, 1000);
        var shared = new SharedLimits(new Ticks(() -> 0L));
        var limits = new Limits(policy, known, shared, day, () -> 1);
        var shaper = new Shaper(policy, new SecretKeySpec(new byte[32], "HmacSHA256"));
        var guard =
                new PolicyGuard(
                        policy,
                        policy.digest(),
                        PolicyGuard.Memory.WHOLE,
                        new PolicyGuard.Parts(
                                known,
                                limits,
                                shaper,
                                new Directions(),
                                new PuzzleDesk(new SecureRandom(), () -> 0L, PATIENCE),
                                watch,
                                measures.under(7, Set.of()),
                                new GuardEvents(events::add, InstantSource.system()),
                                new GuardMeters(new SimpleMeterRegistry())));
        byte[] graph =
                new OnnxModel()
                        .input("x", OnnxModel.FLOAT, -1, 3)
                        .output("y", OnnxModel.FLOAT, -1, 3)
                        .node("Softmax", List.of("x"), List.of("y"))
                        .output(TensorSignature.PENULTIMATE, OnnxModel.FLOAT, -1, 3)
                        .node("Identity", List.of("x"), List.of(TensorSignature.PENULTIMATE))
                        .bytes();
        accounts = Optional.of(known);
        node =
                Optional.of(
                        new BothServers(
                                graph,
                                scratch,
                                guard,
                                ServingLimits.of(1 << 20, 2, 64),
                                ConnectionLimits.of(policy)));
    }

    /** The standard policy with another rule for consumers. */
    private static String partner(String from, String to) {
        int at = STANDARD.indexOf(from, STANDARD.indexOf("\"tier\":\"partner\""));
        return STANDARD.substring(0, at) + to + STANDARD.substring(at + from.length());
    }

    private BothServers node() {
        return node.orElseThrow();
    }

    private Issued consumer() {
        return node().ca.client("acme", "consumer");
    }

    /** The reason of a refusal; empty for an answer. */
    private String overRest(HttpClient client, float[] values) throws Exception {
        return ask(client, values).headers().firstValue("strongroom-reason").orElse("");
    }

    private HttpResponse<String> ask(HttpClient client, float[] values) throws Exception {
        return ask(client, values, "");
    }

    private HttpResponse<String> ask(HttpClient client, float[] values, String more)
            throws Exception {
        String json =
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[%d,3],\"data\":%s}],"
                                .formatted(values.length / 3, Arrays.toString(values))
                        + "\"outputs\":[{\"name\":\"y\"}]"
                        + more
                        + "}";
        return client.send(
                node().request("/v2/models/acme/net/infer")
                        .POST(BodyPublishers.ofString(json))
                        .build(),
                BodyHandlers.ofString());
    }

    private static String overGrpc(GRPCInferenceServiceBlockingStub stub, float[] values)
            throws Exception {
        return refusal(stub, request(values).build()).getReason();
    }

    private static ModelInferRequest.Builder request(float[] values) {
        var bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        var request = ModelInferRequest.newBuilder().setModelName("acme/net");
        request.addInputsBuilder()
                .setName("x")
                .setDatatype("FP32")
                .addShape(values.length / 3)
                .addShape(3);
        return request.addRawInputContents(ByteString.copyFrom(bytes.flip()));
    }
}
