package dev.strongroom.serving.rpc;

import static dev.strongroom.serving.rpc.DecoderNode.STANDARD;
import static dev.strongroom.serving.rpc.DecoderNode.partner;
import static dev.strongroom.serving.rpc.DecoderNode.rate;
import static dev.strongroom.serving.rpc.DecoderNode.slow;
import static dev.strongroom.serving.rpc.GenerationRequests.PROMPT;
import static dev.strongroom.serving.rpc.GenerationRequests.ids;
import static dev.strongroom.serving.rpc.GenerationRequests.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.format.GenerationSettings;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelStreamInferResponse;
import dev.strongroom.serving.engine.TinyDecoder;
import dev.strongroom.serving.generate.GenerationLimits;
import dev.strongroom.testkit.Eventually;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a sequence may take of budgets, lease, time and memory, and that it gives all back. */
@Timeout(60)
class GenerationLimitsTest {
    @AutoClose private DecoderNode decoder;

    @BeforeEach
    void begin(@TempDir Path scratch) throws Exception {
        decoder = new DecoderNode(scratch);
    }

    @Test
    void everyTokenCountsAndAnExhaustedDayEndsTheStream() throws Exception {
        var node = decoder.serve(partner("\"rowsPerDay\":10000000", "\"rowsPerDay\":5"));

        List<ModelStreamInferResponse> answers = decoder.stream(node, request(12)).all();

        assertThat(answers).as("the prompt is a row, too").hasSize(5);
        assertThat(answers.getLast().getErrorMessage()).startsWith("DAY_BUDGET");
        assertThat(answers.getLast().getInferResponse().getId()).isEqualTo("a");
        assertThatThrownBy(() ->
                        GRPCInferenceServiceGrpc.newBlockingStub(decoder.channel(node, "consumer"))
                                .modelInfer(request(1)))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e ->
                                assertThat(e.getStatus().getCode())
                                        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
    }

    @Test
    void everyStepIsTakenFromTheLease() throws Exception {
        decoder.lease.set(4);
        List<ModelStreamInferResponse> answers =
                decoder.stream(decoder.serve(STANDARD), request(12)).all();
        assertThat(answers).hasSize(4);
        assertThat(answers.getLast().getErrorMessage()).startsWith("LEASE_ENDED");
    }

    @Test
    void aLongPromptIsARowForEachStepThatReadsIt() throws Exception {
        var node = decoder.serve(partner("\"rowsPerDay\":10000000", "\"rowsPerDay\":5"));
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(decoder.channel(node, "consumer"));
        stub.modelInfer(request(new int[200], 1)); // two that read, one that writes
        assertThatThrownBy(() -> stub.modelInfer(request(new int[200], 1)))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageStartingWith("RESOURCE_EXHAUSTED");
    }

    @Test
    void aSequenceThatWaitsEndsWithItsLease() throws Exception {
        DecoderNode.Stream stream = decoder.stream(decoder.serve(slow()), request(200));
        stream.next();
        decoder.lease.set(-100);
        assertThat(stream.all().getLast().getErrorMessage()).startsWith("LEASE_ENDED");
        assertThat(decoder.heap.usedBytes()).isZero();
    }

    @Test
    void aSequenceUnderWayThatIsOverItsRateGoesOnSlower() throws Exception {
        var node = decoder.serve(rate(100, 1));
        long begun = System.nanoTime();

        List<ModelStreamInferResponse> answers = decoder.stream(node, request(6)).all();

        assertThat(ids(answers)).isEqualTo(TinyDecoder.plainly(PROMPT, 6));
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .isGreaterThan(Duration.ofMillis(40));
    }

    @Test
    void whoHangsUpHasNoMemoryAnyMore() throws Exception {
        DecoderNode.Stream stream = decoder.stream(decoder.serve(slow()), request(200));
        stream.next();
        assertThat(decoder.heap.usedBytes()).isPositive();

        stream.call.join().cancel("gone", null);

        Eventually.holds(() -> decoder.heap.usedBytes() == 0);
    }

    @Test
    void whosePatienceEndsHasNoMemoryAnyMore() throws Exception {
        var stub =
                GRPCInferenceServiceGrpc.newBlockingStub(
                                decoder.channel(decoder.serve(slow()), "consumer"))
                        .withDeadlineAfter(300, TimeUnit.MILLISECONDS);
        assertThatThrownBy(() -> stub.modelInfer(request(200)))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageStartingWith("DEADLINE_EXCEEDED");
        Eventually.holds(() -> decoder.heap.usedBytes() == 0);
    }

    @Test
    void aSequenceThatTakesTooLongEnds() throws Exception {
        var limits = new GenerationLimits(1 << 20, 4, 256, Duration.ofMillis(200));
        List<ModelStreamInferResponse> answers =
                decoder.stream(
                                decoder.serve(slow(), GenerationSettings.UNKNOWN, limits),
                                request(200))
                        .all();
        assertThat(answers.getLast().getErrorMessage()).startsWith("GENERATION_TOO_LONG");
    }

    @Test
    void oneSequenceMoreThanThereMayBeIsRefused() throws Exception {
        var limits = new GenerationLimits(1 << 20, 1, 256, Duration.ofMinutes(1));
        var node = decoder.serve(slow(), GenerationSettings.UNKNOWN, limits);
        DecoderNode.Stream first = decoder.stream(node, request(200));
        first.next();
        assertThat(decoder.stream(node, request(1)).all().getLast().getErrorMessage())
                .startsWith("OVERLOADED");
        first.call.join().cancel("gone", null);
    }

    @Test
    void aSequenceThatWouldTakeMoreThanAllMemoryIsRefusedBeforeItTakesAny() throws Exception {
        var limits = new GenerationLimits(1000, 4, 256, Duration.ofMinutes(1));
        var node = decoder.serve(STANDARD, GenerationSettings.UNKNOWN, limits);
        assertThat(decoder.stream(node, request(100)).all().getLast().getErrorMessage())
                .startsWith("SEQUENCE_TOO_LONG");
        assertThat(decoder.heap.mappedBytes()).isZero();
    }
}
