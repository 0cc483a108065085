package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.GenerationSettings;
import dev.strongroom.crypto.format.GuardMeasure;
import dev.strongroom.crypto.format.GuardMeasure.Step;
import dev.strongroom.crypto.format.GuardMeasure.Whose;
import dev.strongroom.crypto.output.OutputFormatException;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.access.TestAuthority.Issued;
import dev.strongroom.serving.engine.Engine;
import dev.strongroom.serving.engine.OnnxModel;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.engine.TensorSignature;
import dev.strongroom.serving.guard.GuardEvents;
import dev.strongroom.serving.guard.GuardMeters;
import dev.strongroom.serving.guard.LiveGuard;
import dev.strongroom.serving.guard.Measures;
import dev.strongroom.serving.guard.PolicyGuard;
import dev.strongroom.serving.guard.RowWatch;
import dev.strongroom.serving.guard.Signs;
import dev.strongroom.serving.guard.Watch;
import dev.strongroom.serving.guard.detect.ThreeClasses;
import dev.strongroom.serving.guard.leak.Directions;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.limit.Limits;
import dev.strongroom.serving.guard.limit.OneDay;
import dev.strongroom.serving.guard.limit.SharedLimits;
import dev.strongroom.serving.guard.limit.Suspicion;
import dev.strongroom.serving.guard.limit.Ticks;
import dev.strongroom.serving.guard.puzzle.PuzzleDesk;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.guard.shape.Shaper;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.OpenLease;
import dev.strongroom.serving.infer.ReceiptDesk;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.RunSettings;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.infer.ServingLimits;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an output policy does to calls over real TLS. */
class GuardedServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final TestPeers PEERS = new TestPeers();
    private static final String STANDARD = OutputPolicy.standard().canonical();
    private static final String EVE = "acme/consumer/somebody";

    @TempDir private static Path scratch;
    private static OpenedModel opened;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final OneDay day = new OneDay();
    private final ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final AtomicLong nanos = new AtomicLong();
    private final Measures measures = new Measures();

    /** One node with its guard. */
    private record Guarded(NodeServer server, Accounts accounts) {}

    @BeforeAll
    static void load() throws Exception {
        byte[] graph =
                new OnnxModel()
                        .input("x", OnnxModel.FLOAT, -1, 3)
                        .output("y", OnnxModel.FLOAT, -1, 3)
                        .output("hidden", OnnxModel.FLOAT, -1, 3)
                        .node("Softmax", List.of("x"), List.of("y"))
                        .node("Identity", List.of("x"), List.of("hidden"))
                        .output(TensorSignature.PENULTIMATE, OnnxModel.FLOAT, -1, 3)
                        .node("Identity", List.of("x"), List.of(TensorSignature.PENULTIMATE))
                        .bytes();
        opened = OpenedModel.of(graph, scratch);
    }

    @AfterAll
    static void unload() {
        opened.close();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @Test
    void anOwnerSeesAllDigitsAndAConsumerOnTrialTwo() throws Exception {
        Guarded node =
                node(partner("\"digits\":\"exact\",\"topK\":\"all\"", "\"digits\":2,\"topK\":1"));
        float[] consumer = probabilities(stub(node, "consumer").modelInfer(request(1)));
        float[] owner = probabilities(stub(node, "owner").modelInfer(request(1)));
        assertThat(owner[2]).isBetween(0.665f, 0.6653f);
        assertThat(consumer).containsExactly(0, 0, 0.67f);
    }

    @Test
    void anOutputThatThePolicyDoesNotNameIsNotInTheAnswer() throws Exception {
        Guarded node =
                node(
                        STANDARD.replace(
                                "{\"name\":\"*\",\"kind\":\"auto\"}",
                                "{\"name\":\"y\",\"kind\":\"probabilities\"}"));
        ModelInferResponse answer = stub(node, "consumer").modelInfer(request(1));
        assertThat(answer.getOutputsList()).extracting("name").containsExactly("y");
        ModelInferRequest hidden = request(1).toBuilder().addOutputs(output("hidden")).build();
        assertThat(reason(() -> stub(node, "consumer").modelInfer(hidden)))
                .isEqualTo("OUTPUT_WITHHELD");
    }

    @Test
    void aBatchOfAThousandRowsCostsAThousand() throws Exception {
        Guarded node = node(budget(1000));
        var stub = stub(node, "consumer");
        stub.modelInfer(request(1000));
        assertThatThrownBy(() -> stub.modelInfer(request(1)))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> {
                            assertThat(detail(e)).isEqualTo("DAY_BUDGET");
                            assertThat(retrySeconds(e)).isEqualTo(86_400);
                        });
    }

    @Test
    void eightChannelsOverTwoNodesGetADaysRowsAndNotOneMore() throws Exception {
        String policy = budget(100);
        List<Guarded> nodes = List.of(node(policy), node(policy));
        var answered = new AtomicInteger();
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int channel = 0; channel < 8; channel++) {
                var stub = stub(nodes.get(channel % 2), "consumer");
                var _ =
                        callers.submit(
                                (Callable<Integer>)
                                        () -> {
                                            for (int i = 0; i < 40; i++) {
                                                if (reason(() -> stub.modelInfer(request(1)))
                                                        .isEmpty()) {
                                                    answered.incrementAndGet();
                                                }
                                            }
                                            return answered.get();
                                        });
            }
        }
        assertThat(answered).hasValue(100);
    }

    @Test
    void whoAsksForeignQuestionsGetsLabelsOnlyAndWhoAsksHonestOnesAllDigits() throws Exception {
        var random = new Random(5);
        Guarded node =
                node(
                        STANDARD,
                        Watch.of(
                                new RowWatch(
                                        ThreeClasses.calibration(random),
                                        new SecureRandom(),
                                        InstantSource.system())));
        var honest = stub(node, "owner");
        var thief = stub(node, "consumer");
        for (int i = 0; i < 60; i++) {
            honest.modelInfer(request(ThreeClasses.honest(random)));
            thief.modelInfer(request(new float[] {40 + i, -40 - i, 0.1f * i}));
        }

        assertThat(probabilities(honest.modelInfer(request(ThreeClasses.honest(random)))))
                .doesNotContain(0)
                .doesNotContain(1);
        float[] last = probabilities(thief.modelInfer(request(new float[] {1, 2, 3})));
        assertThat(last).containsExactly(0, 0, 1);
        assertThat(events).anyMatch(event -> event.contains("consumer"));
    }

    @Test
    void numbersThatAreNoneGetAnAnswerOrARefusalAndTheNextCallerHisOwn() throws Exception {
        var random = new Random(7);
        Guarded node =
                node(
                        STANDARD,
                        Watch.of(
                                new RowWatch(
                                        ThreeClasses.calibration(random),
                                        new SecureRandom(),
                                        InstantSource.system())));
        for (float none : new float[] {Float.NaN, Float.POSITIVE_INFINITY, -Float.MAX_VALUE}) {
            String reason =
                    reason(() ->
                            stub(node, "consumer")
                                    .modelInfer(request(new float[] {none, 1, none})));
            assertThat(reason).as("of %s", none).doesNotContain("INTERNAL");
        }
        assertThat(probabilities(stub(node, "owner").modelInfer(request(1)))[2]).isPositive();
    }

    @Test
    void whoIsInNoTierIsRefused() throws Exception {
        Guarded node = node(STANDARD.replace("\"role\":\"consumer\"", "\"role\":\"partner\""));
        assertThat(reason(() -> stub(node, "consumer").modelInfer(request(1))))
                .isEqualTo("NO_TIER");
    }

    /** Who was flagged nobody knows any more: everybody has what a stranger would get. */
    @Test
    void whereTheStateWasLostEverybodyHasTheStrictestTier() throws Exception {
        Guarded node = forgetful(STANDARD.replace("\"role\":\"consumer\"", "\"role\":\"node\""));
        assertThat(probabilities(stub(node, "owner").modelInfer(request(1))))
                .containsExactly(0, 0, 0.7f);
        assertThat(reason(() -> stub(node, "owner").modelInfer(request(11))))
                .as("its burst")
                .isNotEmpty();
        assertThat(reason(() -> stub(node, "consumer").modelInfer(request(1))))
                .isEqualTo("NO_TIER");
    }

    @Test
    void aTierOfNamedKeysIsNobodyElses() throws Exception {
        Issued named = PEERS.caller("consumer");
        String key = Digest.sha256(named.chain().getFirst().getPublicKey().getEncoded()).hex();
        Guarded node =
                node(
                        STANDARD.replace(
                                "\"role\":\"consumer\",\"key\":\"*\"",
                                "\"role\":\"consumer\",\"key\":\"" + key + "\""));
        assertThat(reason(() -> stub(node, named).modelInfer(request(1)))).isEmpty();
        assertThat(reason(() -> stub(node, "consumer").modelInfer(request(1))))
                .isEqualTo("NO_TIER");
    }

    @Test
    void callsFromADeniedAddressAreRefused() throws Exception {
        Guarded node = node(STANDARD.replace("\"deny\":[]", "\"deny\":[\"127.0.0.0/8\"]"));
        assertThat(reason(() -> stub(node, "owner").modelInfer(request(1))))
                .isEqualTo("ADDRESS_DENIED");
    }

    @Test
    void oneConnectionMoreThanAnIdentityMayHaveIsRefused() throws Exception {
        Guarded node = node(STANDARD.replace("\"concurrent\":256", "\"concurrent\":2"));
        var first = stub(node, "consumer");
        first.modelInfer(request(1));
        stub(node, "consumer").modelInfer(request(1));
        assertThat(reason(() -> stub(node, "consumer").modelInfer(request(1))))
                .isEqualTo("TOO_MANY_SESSIONS");
        first.modelInfer(request(1));
        stub(node, "owner").modelInfer(request(1));
    }

    @Test
    void evidenceTakesPrecisionNeverTheBestClassAndIsTold() throws Exception {
        Guarded node = node(STANDARD);
        var stub = stub(node, "consumer");
        assertThat(probabilities(stub.modelInfer(request(1)))[2]).isBetween(0.665f, 0.6653f);
        tighten(node, Rung.COARSE);
        assertThat(probabilities(stub.modelInfer(request(1)))).containsExactly(0.09f, 0.24f, 0.67f);
        tighten(node, Rung.TOP1);
        assertThat(probabilities(stub.modelInfer(request(1)))).containsExactly(0, 0, 0.5f);
        tighten(node, Rung.LABEL);
        assertThat(probabilities(stub.modelInfer(request(1)))).containsExactly(0, 0, 1);
        order(Step.SUSPEND);
        assertThat(reason(() -> stub.modelInfer(request(1)))).isEqualTo("SUSPENDED");
        assertThat(events)
                .singleElement()
                .asString()
                .contains("\"class_uid\":2004", EVE, Limits.ticket(Accounts.id(EVE)))
                .doesNotContain("0.66");
        assertThat(registry.get("strongroom.guard.rows").tag("tier", "partner").counters())
                .hasSize(4);
    }

    @Test
    void anOrderTakesWhatItSaysAndNeverTheBestClassUntilItIsTakenBack() throws Exception {
        Guarded node = node(budget(100));
        var stub = stub(node, "consumer");
        order(Step.DEGRADE);
        assertThat(probabilities(stub.modelInfer(request(9)))).startsWith(0, 0, 0.5f);
        assertThat(reason(() -> stub.modelInfer(request(2)))).isEqualTo("DAY_BUDGET");
        order(Step.CHALLENGE);
        assertThat(probabilities(stub.modelInfer(request(1)))).containsExactly(0, 0, 1);
        order(Step.SUSPEND);
        assertThat(reason(() -> stub.modelInfer(request(1)))).isEqualTo("SUSPENDED");
        measures.become(List.of());
        nanos.set(Duration.ofDays(1).toNanos());
        day.end();
        assertThat(probabilities(stub.modelInfer(request(1)))[2]).isBetween(0.665f, 0.6653f);
        assertThat(events).anyMatch(event -> event.contains("guard.degrade"));
    }

    private void order(Step step) {
        measures.become(List.of(new GuardMeasure(Whose.PRINCIPAL, EVE, step, 7)));
    }

    @Test
    void aClockMovedBackGivesNoRows() throws Exception {
        Guarded node =
                node(
                        partner(
                                "\"rate\":{\"rowsPerSecond\":100000,\"burst\":400000}",
                                "\"rate\":{\"rowsPerSecond\":1,\"burst\":10}"));
        var stub = stub(node, "consumer");
        stub.modelInfer(request(10));
        nanos.set(-Duration.ofDays(300).toNanos());
        assertThat(reason(() -> stub.modelInfer(request(1)))).isEqualTo("RATE_LIMITED");
        nanos.set(Duration.ofSeconds(1).toNanos());
        stub.modelInfer(request(1));
    }

    @Test
    void noiseIsTheSameForJitteredRepeatsOnEveryNode() throws Exception {
        String noisy =
                STANDARD.replace(
                        "\"noise\":{\"state\":\"off\",\"cellPermille\":250,\"amplitudePermille\":50}",
                        "\"noise\":{\"state\":\"on\",\"cellPermille\":250,\"amplitudePermille\":100}");
        var stubs = List.of(stub(node(noisy), "consumer"), stub(node(noisy), "consumer"));
        float[] truth = probabilities(stub(node(STANDARD), "consumer").modelInfer(request(1)));
        var random = new Random(3);
        var mean = new double[3];
        for (int i = 0; i < 40; i++) {
            float jitter = (float) (0.001 * random.nextGaussian());
            float[] row = {1 + jitter, 2, 3};
            float[] answer = probabilities(stubs.get(i % 2).modelInfer(request(row)));
            assertThat(answer[2]).isGreaterThan(answer[1]).isGreaterThan(answer[0]);
            for (int at = 0; at < mean.length; at++) {
                mean[at] += answer[at] / 40;
            }
        }
        assertThat(Math.abs(mean[2] - truth[2]) + Math.abs(mean[1] - truth[1])).isGreaterThan(0.01);
    }

    @Test
    void aGroupSeesSoManyDirectionsOfVectorsAndNotOneMore() throws Exception {
        String metered =
                partner("\"directions\":\"all\"", "\"directions\":2")
                        .replace(
                                "{\"name\":\"*\",\"kind\":\"auto\"}",
                                "{\"name\":\"y\",\"kind\":\"probabilities\"},"
                                        + "{\"name\":\"hidden\",\"kind\":\"embedding\"}");
        Guarded node = node(metered);
        var one = stub(node, member("one", "labs"));
        var other = stub(node, member("other", "labs"));
        ModelInferRequest first = onlyHidden(1, 0, 0);
        one.modelInfer(first);
        other.modelInfer(onlyHidden(1, 5, 0));
        assertThat(reason(() -> one.modelInfer(onlyHidden(0, 0, 1)))).isEqualTo("DIRECTIONS_SPENT");
        assertThat(reason(() -> other.modelInfer(onlyHidden(2, 3, 1))))
                .isEqualTo("DIRECTIONS_SPENT");
        one.modelInfer(first);
        one.modelInfer(onlyHidden(7, -2, 0));
        stub(node, "owner").modelInfer(onlyHidden(0, 0, 1));
    }

    /** What one group, or one caller who was given none, has seen costs nobody else anything. */
    @Test
    void eachGroupHasDirectionsOfItsOwnAndWhoHasNoneIsOne() throws Exception {
        Guarded node =
                node(
                        partner("\"directions\":\"all\"", "\"directions\":1")
                                .replace(
                                        "{\"name\":\"*\",\"kind\":\"auto\"}",
                                        "{\"name\":\"hidden\",\"kind\":\"embedding\"}"));
        var callers =
                List.of(
                        member("one", "labs"),
                        member("two", "acme"),
                        PEERS.ca().client("spiffe://strongroom/acme/consumer/three"),
                        PEERS.ca().client("spiffe://strongroom/acme/consumer/four"));
        for (Issued caller : callers) {
            var stub = stub(node, caller);
            stub.modelInfer(onlyHidden(1, 0, 0));
            assertThat(reason(() -> stub.modelInfer(onlyHidden(0, 1, 0))))
                    .isEqualTo("DIRECTIONS_SPENT");
        }
        var late = stub(node, member("late", "labs"));
        assertThat(reason(() -> late.modelInfer(onlyHidden(0, 1, 0))))
                .isEqualTo("DIRECTIONS_SPENT");
    }

    @Test
    void eachGroupsVectorsAreTurnedTheirOwnWay() throws Exception {
        Guarded node =
                node(
                        partner("\"rotate\":false", "\"rotate\":true")
                                .replace(
                                        "{\"name\":\"*\",\"kind\":\"auto\"}",
                                        "{\"name\":\"hidden\",\"kind\":\"embedding\"}"));
        float[] one = hidden(node, member("one", "labs"));
        assertThat(hidden(node, member("two", "labs"))).containsExactly(one);
        float[] other = hidden(node, member("three", "other"));
        assertThat(other).isNotEqualTo(one);
        Issued alone = PEERS.ca().client("spiffe://strongroom/acme/consumer/alone");
        assertThat(hidden(node, alone)).isNotEqualTo(one).isNotEqualTo(other);
    }

    private float[] hidden(Guarded node, Issued caller) throws Exception {
        return probabilities(stub(node, caller).modelInfer(onlyHidden(1, 2, 3)));
    }

    /** An owner whose callers' questions the calibration does not know hears of it. */
    @Test
    void whatTheDetectorCannotJudgeIsCounted() throws Exception {
        Guarded node = node(STANDARD, (_, _, _) -> new Signs.Unjudged());
        assertThat(probabilities(stub(node, "consumer").modelInfer(request(1))))
                .containsExactly(0, 0, 0.5f);
        assertThat(registry.get("strongroom.guard.unjudged").tag("model", "acme/net").counter())
                .extracting(Counter::count)
                .isEqualTo(1.0);
    }

    @Test
    void aGroupSharesItsRateAndNoOtherPaysForIt() throws Exception {
        Guarded node =
                node(
                        partner(
                                "\"groupRate\":{\"rowsPerSecond\":200000,\"burst\":800000}",
                                "\"groupRate\":{\"rowsPerSecond\":1,\"burst\":10}"));
        stub(node, member("one", "labs")).modelInfer(request(10));
        var same = stub(node, member("two", "labs"));
        assertThat(reason(() -> same.modelInfer(request(1)))).isEqualTo("RATE_LIMITED");
        stub(node, member("three", "other")).modelInfer(request(10));
        var alone = stub(node, PEERS.ca().client("spiffe://strongroom/acme/consumer/alone"));
        alone.modelInfer(request(10));
        assertThat(reason(() -> alone.modelInfer(request(1)))).isEqualTo("RATE_LIMITED");
        stub(node, PEERS.ca().client("spiffe://strongroom/acme/consumer/lone"))
                .modelInfer(request(10));
    }

    private static Issued member(String name, String group) {
        return PEERS.ca().member("spiffe://strongroom/acme/consumer/" + name, group);
    }

    @Test
    void classesInADirectionTooManyAreBareLabels() throws Exception {
        Guarded node = node(partner("\"directions\":\"all\"", "\"directions\":1"));
        var stub = stub(node, "consumer");
        ModelInferRequest first =
                request(new float[] {1, 2, 3}).toBuilder().addOutputs(output("y")).build();
        assertThat(probabilities(stub.modelInfer(first))).doesNotContain(0);
        ModelInferRequest second =
                request(new float[] {3, 1, -4}).toBuilder().addOutputs(output("y")).build();
        assertThat(probabilities(stub.modelInfer(second))).containsExactly(1, 0, 0);
        assertThat(probabilities(stub.modelInfer(first))).doesNotContain(0);
    }

    private static ModelInferRequest onlyHidden(float... row) {
        return request(row).toBuilder().addOutputs(output("hidden")).build();
    }

    @Test
    void aBiasOfLogitsGoesWithLabelsOnlyWhateverKindThePolicyLeftOpen() throws Exception {
        byte[] graph =
                new OnnxModel()
                        .input("x", OnnxModel.FLOAT, -1, 3)
                        .input("logit_bias", OnnxModel.FLOAT, -1, 3)
                        .output("y", OnnxModel.FLOAT, -1, 3)
                        .output("token", OnnxModel.INT64, -1, 1)
                        .node("Add", List.of("x", "logit_bias"), List.of("biased"))
                        .node("Softmax", List.of("biased"), List.of("y"))
                        .node(
                                "ArgMax",
                                List.of("biased"),
                                List.of("token"),
                                OnnxModel.intAttribute("axis", 1))
                        .bytes();
        try (var biased = OpenedModel.of(graph, scratch)) {
            var stub = stub(node(STANDARD, Watch.NONE, biased.engine()), "consumer");
            ModelInferRequest both = biased(0.5f);
            assertThat(reason(() -> stub.modelInfer(both))).isEqualTo("BIAS_WITHHELD");
            stub.modelInfer(both.toBuilder().addOutputs(output("token")).build());
            stub.modelInfer(biased(0));
            close();
            open.clear();
        }
    }

    private static ModelInferRequest biased(float bias) {
        var request = request(new float[] {1, 2, 3}).toBuilder();
        request.addInputsBuilder()
                .setName("logit_bias")
                .setDatatype("FP32")
                .addShape(1)
                .addShape(3);
        var bytes = ByteBuffer.allocate(3 * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putFloat(bias).putFloat(0).putFloat(0);
        return request.addRawInputContents(ByteString.copyFrom(bytes.flip())).build();
    }

    @Test
    void whoGetsBareLabelsGetsATicketForHisAppeal() throws Exception {
        Guarded node = node(STANDARD);
        var stub = stub(node, "consumer");
        assertThat(stub.modelInfer(request(1)).getParametersMap()).doesNotContainKey("ticket");
        tighten(node, Rung.LABEL);
        assertThat(stub.modelInfer(request(1)).getParametersOrThrow("ticket").getStringParam())
                .isEqualTo(Limits.ticket(Accounts.id(EVE)));
    }

    /** The lease names the new policy at once; what was shaped by the old one must not. */
    @Test
    void aReceiptNamesThePolicyThatTheAnswerWentBy() throws Exception {
        OutputPolicy first = parse(STANDARD);
        OutputPolicy second = parse(partner("\"digits\":\"exact\"", "\"digits\":1"));
        var named = new ConcurrentLinkedQueue<Digest>();
        ReceiptDesk desk =
                (_, _, policy) -> {
                    named.add(policy);
                    return CompletableFuture.completedFuture(new byte[1]);
                };
        var accounts = new Accounts(100, 1000);
        var guard = new LiveGuard("1", guard(first, accounts, Watch.NONE));
        var model =
                new ServedModel(
                        "acme/net",
                        "1",
                        opened.engine(),
                        new OpenLease(),
                        desk,
                        GenerationSettings.UNKNOWN,
                        RunSettings.STANDARD);
        var stub = stub(serve(first, guard, model, accounts), "consumer");
        ModelInferRequest asked =
                request(1).toBuilder()
                        .putParameters(
                                "receipt", InferParameter.newBuilder().setBoolParam(true).build())
                        .build();
        stub.modelInfer(asked);
        guard.follow("1", guard(second, accounts, Watch.NONE));
        assertThat(probabilities(stub.modelInfer(asked))).containsExactly(0.1f, 0.2f, 0.7f);
        guard.follow("2", guard(first, accounts, Watch.NONE));
        stub.modelInfer(asked);
        assertThat(named).containsExactly(first.digest(), second.digest(), second.digest());
        guard.follow("3", guard(first, accounts, Watch.NONE));
        assertThat(reason(() -> stub.modelInfer(asked))).isEqualTo("VERSION_LEAVING");
    }

    /** By the policy before, callers would get what the owner no longer gives. */
    @Test
    void aPolicyThatTheNodeCannotEnforceLeavesNobodyAnAnswerUntilALaterOne() throws Exception {
        OutputPolicy policy = parse(STANDARD);
        var accounts = new Accounts(100, 1000);
        var guard = new LiveGuard("1", guard(policy, accounts, Watch.NONE));
        var model = new ServedModel("acme/net", "1", opened.engine(), new OpenLease());
        var stub = stub(serve(policy, guard, model, accounts), "owner");
        stub.modelInfer(request(1));
        guard.withhold();
        assertThatThrownBy(() -> stub.modelInfer(request(1)))
                .hasMessageContaining("its log says why")
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(detail(e)).isEqualTo("POLICY_NOT_ENFORCED"));
        guard.follow("1", guard(policy, accounts, Watch.NONE));
        stub.modelInfer(request(1));
    }

    private void tighten(Guarded node, Rung rung) throws RefusedException {
        node.accounts().use(Accounts.id(EVE), account -> Suspicion.climb(account, rung));
    }

    private static String budget(long rows) {
        return partner("\"rowsPerDay\":10000000", "\"rowsPerDay\":" + rows);
    }

    /** The standard policy with another rule for consumers. */
    private static String partner(String from, String to) {
        int tier = STANDARD.indexOf("\"tier\":\"partner\"");
        int at = STANDARD.indexOf(from, tier);
        return STANDARD.substring(0, at) + to + STANDARD.substring(at + from.length());
    }

    private Guarded node(String json) throws Exception {
        return node(json, Watch.NONE);
    }

    private Guarded node(String json, Watch watch) throws Exception {
        return node(json, watch, opened.engine());
    }

    private Guarded node(String json, Watch watch, Engine of) throws Exception {
        OutputPolicy policy = parse(json);
        var accounts = new Accounts(100, 1000);
        var model = new ServedModel("acme/net", "1", of, new OpenLease());
        return serve(policy, guard(policy, accounts, watch), model, accounts);
    }

    private Guarded forgetful(String json) throws Exception {
        OutputPolicy policy = parse(json);
        var accounts = new Accounts(100, 1000);
        var model = new ServedModel("acme/net", "1", opened.engine(), new OpenLease());
        var guard = guard(policy, accounts, Watch.NONE, PolicyGuard.Memory.LOST);
        return serve(policy, guard, model, accounts);
    }

    private PolicyGuard guard(OutputPolicy policy, Accounts accounts, Watch watch) {
        return guard(policy, accounts, watch, PolicyGuard.Memory.WHOLE);
    }

    private PolicyGuard guard(
            OutputPolicy policy, Accounts accounts, Watch watch, PolicyGuard.Memory memory) {
        var shared = new SharedLimits(new Ticks(nanos::get));
        return new PolicyGuard(
                policy,
                policy.digest(),
                memory,
                new PolicyGuard.Parts(
                        accounts,
                        new Limits(policy, accounts, shared, day, () -> 1),
                        new Shaper(policy, new SecretKeySpec(new byte[32], "HmacSHA256")),
                        new Directions(),
                        new PuzzleDesk(new SecureRandom(), nanos::get, PATIENCE),
                        watch,
                        measures.under(7, Set.copyOf(policy.pardons())),
                        new GuardEvents(events::add, InstantSource.system()),
                        new GuardMeters(registry)));
    }

    private Guarded serve(OutputPolicy policy, Guard guard, ServedModel model, Accounts accounts)
            throws Exception {
        var serving = ServingLimits.of(1 << 20, 2, 64);
        var models = ServedModels.only(model);
        var path = new InferencePath(models, guard, serving);
        open.add(path);
        NodeServer server =
                PEERS.serve(
                        serving, ConnectionLimits.of(policy), new InferenceService(path, "0.1.0"));
        open.add(server);
        return new Guarded(server, accounts);
    }

    private GRPCInferenceServiceBlockingStub stub(Guarded node, String role) throws Exception {
        return stub(node, PEERS.caller(role));
    }

    private GRPCInferenceServiceBlockingStub stub(Guarded node, Issued id) throws Exception {
        ManagedChannel channel = PEERS.channel(node.server(), id).build();
        open.add(channel::shutdownNow);
        return GRPCInferenceServiceGrpc.newBlockingStub(channel);
    }

    private static ModelInferRequest request(int rows) {
        var values = new float[rows * 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = 1 + i % 3;
        }
        return request(values);
    }

    private static ModelInferRequest request(float[] values) {
        int rows = values.length / 3;
        var bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        var request = ModelInferRequest.newBuilder().setModelName("acme/net");
        request.addInputsBuilder().setName("x").setDatatype("FP32").addShape(rows).addShape(3);
        return request.addRawInputContents(ByteString.copyFrom(bytes.flip())).build();
    }

    private static ModelInferRequest.InferRequestedOutputTensor output(String name) {
        return ModelInferRequest.InferRequestedOutputTensor.newBuilder().setName(name).build();
    }

    private static float[] probabilities(ModelInferResponse answer) {
        var numbers =
                answer.getRawOutputContents(0)
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer();
        var row = new float[3];
        numbers.get(row);
        return row;
    }

    /** Empty when the call succeeded. */
    private static String reason(Callable<?> call) throws Exception {
        try {
            call.call();
            return "";
        } catch (StatusRuntimeException e) {
            return detail(e);
        }
    }

    private static String detail(StatusRuntimeException e) {
        try {
            return StatusProto.fromThrowable(e).getDetails(0).unpack(ErrorInfo.class).getReason();
        } catch (Exception other) {
            throw new AssertionError("no ErrorInfo in " + e, other);
        }
    }

    private static long retrySeconds(StatusRuntimeException e) {
        try {
            return StatusProto.fromThrowable(e)
                    .getDetails(1)
                    .unpack(RetryInfo.class)
                    .getRetryDelay()
                    .getSeconds();
        } catch (Exception other) {
            throw new AssertionError("no RetryInfo in " + e, other);
        }
    }

    private static OutputPolicy parse(String json) throws OutputFormatException {
        return OutputPolicy.parse(json.getBytes(StandardCharsets.UTF_8));
    }
}
