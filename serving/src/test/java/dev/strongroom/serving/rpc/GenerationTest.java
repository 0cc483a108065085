package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.GenerationSettings;
import dev.strongroom.crypto.output.OutputFormatException;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.posture.Fits;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.proto.inference.ModelMetadataRequest;
import dev.strongroom.proto.inference.ModelStreamInferResponse;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.engine.TinyDecoder;
import dev.strongroom.serving.generate.GenerationLimits;
import dev.strongroom.serving.guard.GuardEvents;
import dev.strongroom.serving.guard.GuardMeters;
import dev.strongroom.serving.guard.PolicyGuard;
import dev.strongroom.serving.guard.Restraint;
import dev.strongroom.serving.guard.Watch;
import dev.strongroom.serving.guard.leak.Directions;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.limit.Limits;
import dev.strongroom.serving.guard.limit.OneDay;
import dev.strongroom.serving.guard.limit.SharedLimits;
import dev.strongroom.serving.guard.limit.Ticks;
import dev.strongroom.serving.guard.puzzle.PuzzleDesk;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.guard.shape.Shaper;
import dev.strongroom.serving.infer.Admission;
import dev.strongroom.serving.infer.GenerationRoom;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.ReceiptDesk;
import dev.strongroom.serving.infer.RunSettings;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.infer.ServingLimits;
import dev.strongroom.testkit.Eventually;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
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
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sequences over real TLS, under an output policy and a lease. */
@Timeout(60)
class GenerationTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final TestPeers PEERS = new TestPeers();
    private static final String STANDARD = OutputPolicy.standard().canonical();
    private static final int[] PROMPT = {3, 1, 4, 1, 5};
    private static final long ENDLESS = Long.MAX_VALUE;

    @TempDir private static Path scratch;
    private static OpenedModel opened;
    private final LockedHeap heap = new LockedHeap(64L << 20, Protection.LOCKED, Fits.forTests());
    private final List<AutoCloseable> open = new ArrayList<>();
    private final OneDay day = new OneDay();
    private final Accounts accounts = new Accounts(100, 1000);
    private final AtomicLong lease = new AtomicLong(ENDLESS);
    private ReceiptDesk receipts = ReceiptDesk.CLOSED;

    /** A lease with a count, which a test may end. */
    private final class Lease implements Admission {
        @Override
        public Optional<Refusal> take() {
            return lease.getAndDecrement() > 0 ? Optional.empty() : ended();
        }

        @Override
        public Optional<Refusal> refusal() {
            return Optional.empty();
        }

        @Override
        public Optional<Refusal> interruption() {
            return lease.get() < -1 ? ended() : Optional.empty();
        }

        private Optional<Refusal> ended() {
            return Optional.of(new Refusal("LEASE_ENDED", "the lease has ended"));
        }
    }

    /** What a client of a stream saw. */
    private static final class Stream
            implements ClientResponseObserver<ModelInferRequest, ModelStreamInferResponse> {
        private final BlockingQueue<ModelStreamInferResponse> answers = new LinkedBlockingQueue<>();
        private final CompletableFuture<Status> end = new CompletableFuture<>();
        private final CompletableFuture<ClientCallStreamObserver<ModelInferRequest>> call =
                new CompletableFuture<>();

        @Override
        public void beforeStart(ClientCallStreamObserver<ModelInferRequest> requests) {
            call.complete(requests);
        }

        @Override
        public void onNext(ModelStreamInferResponse answer) {
            answers.add(answer);
        }

        @Override
        public void onError(Throwable e) {
            end.complete(Status.fromThrowable(e));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }

        ModelStreamInferResponse next() throws InterruptedException {
            return Optional.ofNullable(answers.poll(30, TimeUnit.SECONDS)).orElseThrow();
        }

        /** All answers, once the call has ended. */
        List<ModelStreamInferResponse> all() throws Exception {
            assertThat(end.get(30, TimeUnit.SECONDS).isOk()).isTrue();
            return List.copyOf(answers);
        }
    }

    @BeforeAll
    static void load() throws Exception {
        opened = OpenedModel.of(TinyDecoder.bytes(), scratch);
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
        assertThat(heap.usedBytes()).as("whatever happened").isZero();
    }

    @Test
    void aStreamHasOneAnswerForEachTokenOfAPlainSession() throws Exception {
        var node = node(STANDARD);

        List<ModelStreamInferResponse> answers = stream(node, request(12)).all();

        assertThat(answers).extracting(ModelStreamInferResponse::getErrorMessage).containsOnly("");
        assertThat(ids(answers)).isEqualTo(TinyDecoder.plainly(PROMPT, 12));
        assertThat(answers.stream().map(GenerationTest::isLast))
                .hasSize(12)
                .startsWith(false)
                .endsWith(true)
                .containsOnlyOnce(true);
        assertThat(finish(answers.getLast().getInferResponse())).isEqualTo("length");
    }

    @Test
    void aClientMayHaveTheEndInAnAnswerOfItsOwn() throws Exception {
        var request = with(request(3), "triton_enable_empty_final_response", bool(true));

        List<ModelStreamInferResponse> answers = stream(node(STANDARD), request).all();

        assertThat(answers).hasSize(4);
        assertThat(answers.getLast().getInferResponse().getOutputsCount()).isZero();
        assertThat(isLast(answers.get(2))).isFalse();
        assertThat(isLast(answers.get(3))).isTrue();
    }

    @Test
    void aUnaryCallHasTheWholeSequence() throws Exception {
        ModelInferResponse answer =
                GRPCInferenceServiceGrpc.newBlockingStub(channel(node(STANDARD), "consumer"))
                        .modelInfer(request(12));

        assertThat(ids(answer)).isEqualTo(TinyDecoder.plainly(PROMPT, 12));
        assertThat(finish(answer)).isEqualTo("length");
    }

    @Test
    void theModelsEndAndTheCallersStopEndIt() throws Exception {
        List<Integer> known = TinyDecoder.plainly(PROMPT, 8);
        var ends = new GenerationSettings(Set.of(known.get(4)), TinyDecoder.CONTEXT);
        var node = node(STANDARD, ends, GenerationLimits.STANDARD);
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(channel(node, "consumer"));

        ModelInferResponse ended = stub.modelInfer(request(50));
        assertThat(ids(ended)).isEqualTo(known.subList(0, known.indexOf(known.get(4)) + 1));
        assertThat(finish(ended)).isEqualTo("end");
        ModelInferResponse stopped =
                stub.modelInfer(with(request(50), "stop_token_ids", text("7," + known.getFirst())));
        assertThat(finish(stopped)).isEqualTo("stop");
        assertThat(ids(stopped)).isEqualTo(known.subList(0, 1));
    }

    @Test
    void everyTokenCountsAndAnExhaustedDayEndsTheStream() throws Exception {
        var node = node(partner("\"rowsPerDay\":10000000", "\"rowsPerDay\":5"));

        List<ModelStreamInferResponse> answers = stream(node, request(12)).all();

        assertThat(answers).as("the prompt is a row, too").hasSize(5);
        assertThat(answers.getLast().getErrorMessage()).startsWith("DAY_BUDGET");
        assertThat(answers.getLast().getInferResponse().getId()).isEqualTo("a");
        assertThatThrownBy(() ->
                        GRPCInferenceServiceGrpc.newBlockingStub(channel(node, "consumer"))
                                .modelInfer(request(1)))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e ->
                                assertThat(e.getStatus().getCode())
                                        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
    }

    @Test
    void everyStepIsTakenFromTheLease() throws Exception {
        lease.set(4);
        List<ModelStreamInferResponse> answers = stream(node(STANDARD), request(12)).all();
        assertThat(answers).hasSize(4);
        assertThat(answers.getLast().getErrorMessage()).startsWith("LEASE_ENDED");
    }

    @Test
    void aLongPromptIsARowForEachStepThatReadsIt() throws Exception {
        var node = node(partner("\"rowsPerDay\":10000000", "\"rowsPerDay\":5"));
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(channel(node, "consumer"));
        stub.modelInfer(request(new int[200], 1)); // two that read, one that writes
        assertThatThrownBy(() -> stub.modelInfer(request(new int[200], 1)))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageStartingWith("RESOURCE_EXHAUSTED");
    }

    @Test
    void aSequenceThatWaitsEndsWithItsLease() throws Exception {
        Stream stream = stream(node(slow()), request(200));
        stream.next();
        lease.set(-100);
        assertThat(stream.all().getLast().getErrorMessage()).startsWith("LEASE_ENDED");
        assertThat(heap.usedBytes()).isZero();
    }

    @Test
    void aSequenceUnderWayThatIsOverItsRateGoesOnSlower() throws Exception {
        var node = node(rate(100, 1));
        long begun = System.nanoTime();

        List<ModelStreamInferResponse> answers = stream(node, request(6)).all();

        assertThat(ids(answers)).isEqualTo(TinyDecoder.plainly(PROMPT, 6));
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .isGreaterThan(Duration.ofMillis(40));
    }

    @Test
    void whoHangsUpHasNoMemoryAnyMore() throws Exception {
        Stream stream = stream(node(slow()), request(200));
        stream.next();
        assertThat(heap.usedBytes()).isPositive();

        stream.call.join().cancel("gone", null);

        Eventually.holds(() -> heap.usedBytes() == 0);
    }

    @Test
    void whosePatienceEndsHasNoMemoryAnyMore() throws Exception {
        var stub =
                GRPCInferenceServiceGrpc.newBlockingStub(channel(node(slow()), "consumer"))
                        .withDeadlineAfter(300, TimeUnit.MILLISECONDS);
        assertThatThrownBy(() -> stub.modelInfer(request(200)))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageStartingWith("DEADLINE_EXCEEDED");
        Eventually.holds(() -> heap.usedBytes() == 0);
    }

    @Test
    void aSequenceThatTakesTooLongEnds() throws Exception {
        var limits = new GenerationLimits(1 << 20, 4, 256, Duration.ofMillis(200));
        List<ModelStreamInferResponse> answers =
                stream(node(slow(), GenerationSettings.UNKNOWN, limits), request(200)).all();
        assertThat(answers.getLast().getErrorMessage()).startsWith("GENERATION_TOO_LONG");
    }

    @Test
    void oneSequenceMoreThanThereMayBeIsRefused() throws Exception {
        var limits = new GenerationLimits(1 << 20, 1, 256, Duration.ofMinutes(1));
        var node = node(slow(), GenerationSettings.UNKNOWN, limits);
        Stream first = stream(node, request(200));
        first.next();
        assertThat(stream(node, request(1)).all().getLast().getErrorMessage())
                .startsWith("OVERLOADED");
        first.call.join().cancel("gone", null);
    }

    @Test
    void aSequenceThatWouldTakeMoreThanAllMemoryIsRefusedBeforeItTakesAny() throws Exception {
        var limits = new GenerationLimits(1000, 4, 256, Duration.ofMinutes(1));
        var node = node(STANDARD, GenerationSettings.UNKNOWN, limits);
        assertThat(stream(node, request(100)).all().getLast().getErrorMessage())
                .startsWith("SEQUENCE_TOO_LONG");
        assertThat(heap.mappedBytes()).isZero();
    }

    @Test
    void noLogitsLeaveTheModel() throws Exception {
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(channel(node(STANDARD), "owner"));
        var metadata =
                stub.modelMetadata(ModelMetadataRequest.newBuilder().setName("acme/net").build());
        assertThat(metadata.getOutputsList())
                .extracting("name")
                .containsExactly("output_ids", "logprobs", "logprob_ids");
        for (String secret : List.of("logits", "present.0.key")) {
            var request = request(1).toBuilder();
            request.addOutputsBuilder().setName(secret);
            assertThatThrownBy(() -> stub.modelInfer(request.build()))
                    .hasMessageContaining("the model has no such output");
        }
    }

    @Test
    void logprobsAreFewAndCoarseWhateverTheTier() throws Exception {
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(channel(node(STANDARD), "owner"));
        ModelInferResponse answer =
                stub.modelInfer(with(request(2), "logprobs", number(TinyDecoder.VOCABULARY)));
        assertThat(answer.getOutputs(1).getName()).isEqualTo("logprobs");
        assertThat(answer.getOutputs(1).getShapeList()).containsExactly(1L, 2L, 20L);
        ByteBuffer logprobs =
                answer.getRawOutputContents(1)
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN);
        while (logprobs.hasRemaining()) {
            float hundreds = logprobs.getFloat() * 100;
            assertThat(Math.abs(hundreds - Math.rint(hundreds))).isLessThan(1e-3);
        }
    }

    @Test
    void logprobsFollowTheTierAndTheEvidence() throws Exception {
        var node = node(partner("\"topK\":\"all\"", "\"topK\":3"));
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(channel(node, "consumer"));
        var request = with(request(2), "logprobs", number(10));
        assertThat(stub.modelInfer(request).getOutputs(1).getShapeList())
                .containsExactly(1L, 2L, 3L);
        tighten(Rung.TOP1);
        assertThat(stub.modelInfer(request).getOutputs(1).getShapeList())
                .containsExactly(1L, 2L, 1L);
        tighten(Rung.LABEL);
        assertThatThrownBy(() -> stub.modelInfer(request)).hasMessageContaining("log-prob");
        assertThat(ids(stub.modelInfer(request(2)))).isEqualTo(TinyDecoder.plainly(PROMPT, 2));
    }

    @Test
    void whoIsShownNoLogitsIsShownNoLogprobs() throws Exception {
        var node = node(partner("\"raw\":true", "\"raw\":false"));
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(channel(node, "consumer"));
        assertThatThrownBy(() -> stub.modelInfer(with(request(1), "logprobs", number(1))))
                .hasMessageStartingWith("PERMISSION_DENIED");
    }

    @Test
    void thereIsNoBiasOfLogits() throws Exception {
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(channel(node(STANDARD), "owner"));
        assertThatThrownBy(
                        () -> stub.modelInfer(with(request(1), "logit_bias", text("{\"5\":100}"))))
                .hasMessageStartingWith("UNIMPLEMENTED");
    }

    @Test
    void promptsAndParametersOutsideTheirBoundsAreRefused() throws Exception {
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(channel(node(STANDARD), "owner"));
        Map<ModelInferRequest, String> wrong =
                Map.of(
                        request(new int[0], 1),
                        "expected 1 to",
                        request(new int[5000], 1),
                        "expected 1 to",
                        request(new int[] {TinyDecoder.VOCABULARY}, 1),
                        "outside the vocabulary",
                        request(new int[] {-1}, 1),
                        "outside the vocabulary",
                        with(request(1), "temperature", text("hot")),
                        "temperature",
                        with(request(1), "temperature", number(-1)),
                        "temperature",
                        with(request(1), "top_p", text("0")),
                        "top_p",
                        with(request(1), "max_tokens", number(0)),
                        "max_tokens",
                        with(request(1), "stop_token_ids", text("1,x")),
                        "stop_token_ids");
        wrong.forEach((request, message) ->
                assertThatThrownBy(() -> stub.modelInfer(request))
                        .hasMessageStartingWith("INVALID_ARGUMENT")
                        .hasMessageContaining(message));
    }

    @Test
    void aSeededDrawIsTheSameAgain() throws Exception {
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(channel(node(STANDARD), "consumer"));
        ModelInferRequest request =
                with(with(request(20), "temperature", text("1.5")), "seed", number(9));
        assertThat(ids(stub.modelInfer(request))).isEqualTo(ids(stub.modelInfer(request)));
    }

    @Test
    void whatASeedDrawsIsTheNodesSecretAndNoFinerThanHundredths() throws Exception {
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(channel(node(STANDARD), "consumer"));
        ModelInferRequest request = with(request(20), "seed", number(9));
        List<Integer> drawn = ids(stub.modelInfer(with(request, "temperature", text("1.5"))));
        assertThat(ids(stub.modelInfer(with(request, "temperature", text("1.5004")))))
                .isEqualTo(drawn);
        assertThat(ids(stub.modelInfer(with(request, "temperature", text("1.51")))))
                .isNotEqualTo(drawn);
        var other = GRPCInferenceServiceGrpc.newBlockingStub(channel(node(STANDARD), "consumer"));
        assertThat(ids(other.modelInfer(with(request, "temperature", text("1.5")))))
                .isNotEqualTo(drawn);
    }

    @Test
    void aRequestThatCarriesMoreThanASequenceNeedsIsRefused() throws Exception {
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(channel(node(STANDARD), "consumer"));
        assertThatThrownBy(() ->
                        stub.modelInfer(with(request(1), "ballast", text("x".repeat(200_000)))))
                .hasMessageStartingWith("INVALID_ARGUMENT")
                .hasMessageContaining("at most");
    }

    @Test
    void aWholeSequenceCanBeSignedForAndAStreamCannot() throws Exception {
        List<Digest> signed = new ArrayList<>();
        receipts =
                (question, answer, policy) -> {
                    signed.addAll(List.of(question, answer, policy));
                    return CompletableFuture.completedFuture(new byte[] {1, 2, 3});
                };
        var node = node(STANDARD);
        ModelInferRequest request = with(request(2), "receipt", bool(true));

        ModelInferResponse answer =
                GRPCInferenceServiceGrpc.newBlockingStub(channel(node, "consumer"))
                        .modelInfer(request);

        assertThat(answer.getParametersOrThrow("receipt").getStringParam()).isEqualTo("AQID");
        assertThat(ids(answer)).isEqualTo(TinyDecoder.plainly(PROMPT, 2));
        assertThat(signed).doesNotHaveDuplicates().last().isEqualTo(parse(STANDARD).digest());
        assertThat(stream(node, request).all().getLast().getErrorMessage())
                .startsWith("RECEIPT_OF_STREAM");
    }

    private void tighten(Rung rung) throws Exception {
        accounts.use(
                Accounts.id("acme/consumer/somebody"),
                account -> {
                    account.tighten(rung);
                    return account;
                });
    }

    /** Rates at which nothing goes on after the first tokens, for a while. */
    private static String slow() {
        return rate(1, 3);
    }

    private static String rate(int rows, int burst) {
        return partner(
                "\"rate\":{\"rowsPerSecond\":100000,\"burst\":400000}",
                "\"rate\":{\"rowsPerSecond\":%d,\"burst\":%d}".formatted(rows, burst));
    }

    /** The standard policy with another rule for consumers. */
    private static String partner(String from, String to) {
        int tier = STANDARD.indexOf("\"tier\":\"partner\"");
        int at = STANDARD.indexOf(from, tier);
        return STANDARD.substring(0, at) + to + STANDARD.substring(at + from.length());
    }

    private NodeServer node(String policy) throws Exception {
        return node(policy, GenerationSettings.UNKNOWN, GenerationLimits.STANDARD);
    }

    private NodeServer node(String json, GenerationSettings settings, GenerationLimits limits)
            throws Exception {
        OutputPolicy policy = parse(json);
        var serving = ServingLimits.of(1 << 20, 1, 64);
        var model =
                new ServedModel(
                        "acme/net",
                        "1",
                        opened.engine(),
                        new Lease(),
                        receipts,
                        settings,
                        RunSettings.STANDARD);
        var path =
                new InferencePath(
                        ServedModels.only(model),
                        guard(policy),
                        serving,
                        new GenerationRoom(limits, heap, new SecureRandom()));
        open.add(path);
        NodeServer server =
                PEERS.serve(
                        serving, ConnectionLimits.of(policy), new InferenceService(path, "0.1.0"));
        open.add(server);
        return server;
    }

    private static OutputPolicy parse(String json) throws OutputFormatException {
        return OutputPolicy.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    private PolicyGuard guard(OutputPolicy policy) {
        var limits =
                new Limits(
                        policy,
                        accounts,
                        new SharedLimits(new Ticks(System::nanoTime)),
                        day,
                        () -> 1);
        return new PolicyGuard(
                policy,
                policy.digest(),
                PolicyGuard.Memory.WHOLE,
                new PolicyGuard.Parts(
                        accounts,
                        limits,
                        new Shaper(policy, new SecretKeySpec(new byte[32], "HmacSHA256")),
                        new Directions(),
                        new PuzzleDesk(new SecureRandom(), System::nanoTime, PATIENCE),
                        Watch.NONE,
                        Restraint.NONE,
                        new GuardEvents(_ -> {}, InstantSource.system()),
                        new GuardMeters(new SimpleMeterRegistry())));
    }

    private ManagedChannel channel(NodeServer node, String role) throws Exception {
        ManagedChannel channel = PEERS.channel(node, PEERS.caller(role)).build();
        open.add(channel::shutdownNow);
        return channel;
    }

    private Stream stream(NodeServer node, ModelInferRequest request) throws Exception {
        var stream = new Stream();
        var requests =
                GRPCInferenceServiceGrpc.newStub(channel(node, "consumer"))
                        .modelStreamInfer(stream);
        requests.onNext(request);
        requests.onCompleted();
        return stream;
    }

    private static ModelInferRequest request(int tokens) {
        return request(PROMPT, tokens);
    }

    private static ModelInferRequest request(int[] prompt, int tokens) {
        var bytes = ByteBuffer.allocate(prompt.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        for (int token : prompt) {
            bytes.putLong(token);
        }
        var request = ModelInferRequest.newBuilder().setModelName("acme/net").setId("a");
        request.addInputsBuilder()
                .setName("input_ids")
                .setDatatype("INT64")
                .addShape(1)
                .addShape(prompt.length);
        request.addRawInputContents(ByteString.copyFrom(bytes.flip()));
        return with(request.build(), "max_tokens", number(tokens));
    }

    private static ModelInferRequest with(
            ModelInferRequest request, String name, InferParameter value) {
        return request.toBuilder().putParameters(name, value).build();
    }

    private static InferParameter number(long value) {
        return InferParameter.newBuilder().setInt64Param(value).build();
    }

    private static InferParameter text(String value) {
        return InferParameter.newBuilder().setStringParam(value).build();
    }

    private static InferParameter bool(boolean value) {
        return InferParameter.newBuilder().setBoolParam(value).build();
    }

    private static boolean isLast(ModelStreamInferResponse answer) {
        return Objects.requireNonNull(
                        answer.getInferResponse().getParametersMap().get("triton_final_response"))
                .getBoolParam();
    }

    private static String finish(ModelInferResponse answer) {
        return Objects.requireNonNull(answer.getParametersMap().get("finish_reason"))
                .getStringParam();
    }

    private static List<Integer> ids(List<ModelStreamInferResponse> answers) {
        return answers.stream().flatMap(answer -> ids(answer.getInferResponse()).stream()).toList();
    }

    private static List<Integer> ids(ModelInferResponse answer) {
        var bytes =
                answer.getRawOutputContents(0)
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN);
        List<Integer> ids = new ArrayList<>();
        while (bytes.hasRemaining()) {
            ids.add((int) bytes.getLong());
        }
        return ids;
    }
}
