package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.GenerationSettings;
import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.posture.Fits;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.TinyDecoder;
import dev.strongroom.serving.generate.GenerationLimits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sequences side by side. */
@Timeout(60)
class GenerationsTest {
    private static final int TOKENS = 30;

    @TempDir private Path scratch;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<String> order = new ArrayList<>(); // whose token came when
    private final CompletableFuture<Boolean> admitted = new CompletableFuture<>();
    private final Gate gate = new Gate();
    private final LockedHeap heap = new LockedHeap(64L << 20, Protection.LOCKED, Fits.forTests());
    private InferencePath path;

    /** Keeps everybody waiting until all have come. */
    private final class HoldingUp implements Guard {
        @Override
        public Optional<CompletionStage<?>> admit(
                Caller caller, PublicModel model, InferenceRequest request) {
            return Optional.empty();
        }

        @Override
        public Shaped shape(
                Caller caller, PublicModel model, InferenceRequest request, List<Tensor> answer) {
            return new Shaped(answer, Optional.empty(), Optional.empty());
        }

        @Override
        public Optional<CompletionStage<?>> admitToken(Caller caller, PublicModel model) {
            return admitted.isDone() ? Optional.empty() : Optional.of(admitted);
        }

        @Override
        public TokenTerms terms(Caller caller, PublicModel model) {
            return TokenTerms.MOST;
        }
    }

    /** Notes whose tokens come. */
    private final class Noting implements InferenceCall {
        private final ModelInferRequest request;
        private final CompletableFuture<ModelInferResponse> end = new CompletableFuture<>();
        private final AtomicInteger asked = new AtomicInteger(); // whether it takes more
        private volatile boolean full;

        Noting(ModelInferRequest request) {
            this.request = request;
        }

        @Override
        public Caller caller() {
            return new Caller("acme", "consumer", "test", "", "", "acme", "", 1);
        }

        @Override
        public ModelInferRequest request() {
            return request;
        }

        @Override
        public boolean abandoned() {
            return false;
        }

        @Override
        public boolean streams() {
            return true;
        }

        @Override
        public boolean takesMore() {
            asked.incrementAndGet();
            return !full;
        }

        @Override
        public void part(ModelInferResponse part) {
            synchronized (order) {
                order.add(part.getId());
            }
        }

        @Override
        public void answer(ModelInferResponse answer) {
            part(answer);
            end.complete(answer);
        }

        @Override
        public void refuse(RefusedException refusal) {
            end.completeExceptionally(refusal);
        }
    }

    @BeforeEach
    void serve() throws Exception {
        OpenedModel opened = OpenedModel.of(TinyDecoder.bytes(), scratch);
        open.add(opened);
        var model =
                new ServedModel(
                        "acme/net",
                        "1",
                        opened.engine(),
                        gate,
                        ReceiptDesk.CLOSED,
                        GenerationSettings.UNKNOWN,
                        RunSettings.STANDARD);
        var limits = new GenerationLimits(64L << 20, 8, 256, Duration.ofMinutes(1));
        path =
                new InferencePath(
                        ServedModels.only(model),
                        new HoldingUp(),
                        ServingLimits.of(1 << 20, 1, 64),
                        new GenerationRoom(limits, heap, new SecureRandom()));
        open.add(path);
    }

    @AfterEach
    void close() throws Exception {
        admitted.complete(true);
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @Test
    void sequencesTakeTurnsTokenByToken() throws Exception {
        List<Noting> calls = List.of(begin("a", 3), begin("b", 3), begin("c", 3));
        goOnTogether();
        for (Noting call : calls) {
            call.end.get(30, TimeUnit.SECONDS);
        }
        assertThat(order).hasSize(3 * TOKENS);
        for (int round = 0; round < TOKENS; round++) {
            assertThat(order.subList(3 * round, 3 * round + 3))
                    .containsExactlyInAnyOrder("a", "b", "c");
        }
    }

    @Test
    void aLongPromptHoldsUpNobody() throws Exception {
        Noting reading = begin("reading", 226);
        Noting writing = begin("writing", 3);
        goOnTogether();
        writing.end.get(30, TimeUnit.SECONDS);
        reading.end.get(30, TimeUnit.SECONDS);
        assertThat(order.subList(0, 3)).contains("writing");
    }

    @Test
    void nothingMoreIsMadeForWhoDoesNotReadAndItGoesOnWhenHeDoes() throws Exception {
        Noting slow = begin("slow", 3);
        slow.full = true;
        admitted.complete(true);
        Noting quick = begin("quick", 3);
        quick.end.get(30, TimeUnit.SECONDS);
        int before = slow.asked.get();
        while (slow.asked.get() < before + 3) {
            Thread.onSpinWait();
        }
        assertThat(order).doesNotContain("slow");

        slow.full = false;

        slow.end.get(30, TimeUnit.SECONDS);
        assertThat(order.stream().filter("slow"::equals)).hasSize(TOKENS);
    }

    @Test
    void whoIsUnderWayEndsBeforeTheNodeDoes() throws Exception {
        Noting call = begin("a", 3);
        admitted.complete(true);
        path.close();
        assertThat(call.end).isCompleted();
        assertThat(heap.usedBytes()).isZero();
        Noting late = begin("b", 3);
        assertThat(late.end).isCompletedExceptionally();
    }

    /** When the one worker takes the first step, everybody is in line. */
    private void goOnTogether() {
        gate.shut();
        admitted.complete(true);
        gate.open();
    }

    private Noting begin(String id, int prompt) {
        var bytes = ByteBuffer.allocate(prompt * 8).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            bytes.putLong(bytes.position() % TinyDecoder.VOCABULARY);
        }
        var request = ModelInferRequest.newBuilder().setModelName("acme/net").setId(id);
        request.addInputsBuilder()
                .setName("input_ids")
                .setDatatype("INT64")
                .addShape(1)
                .addShape(prompt);
        request.addRawInputContents(ByteString.copyFrom(bytes.flip()));
        request.putParameters(
                "max_tokens", InferParameter.newBuilder().setInt64Param(TOKENS).build());
        var call = new Noting(request.build());
        path.infer(call);
        return call;
    }
}
