package dev.strongroom.serving.rpc;

import static dev.strongroom.serving.rpc.DecoderNode.STANDARD;
import static dev.strongroom.serving.rpc.DecoderNode.parse;
import static dev.strongroom.serving.rpc.GenerationRequests.PROMPT;
import static dev.strongroom.serving.rpc.GenerationRequests.bool;
import static dev.strongroom.serving.rpc.GenerationRequests.finish;
import static dev.strongroom.serving.rpc.GenerationRequests.ids;
import static dev.strongroom.serving.rpc.GenerationRequests.isLast;
import static dev.strongroom.serving.rpc.GenerationRequests.number;
import static dev.strongroom.serving.rpc.GenerationRequests.request;
import static dev.strongroom.serving.rpc.GenerationRequests.text;
import static dev.strongroom.serving.rpc.GenerationRequests.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.GenerationSettings;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.proto.inference.ModelStreamInferResponse;
import dev.strongroom.serving.engine.TinyDecoder;
import dev.strongroom.serving.generate.GenerationLimits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sequences over real TLS: what a caller asks for and gets. */
@Timeout(60)
class GenerationTest {
    @AutoClose private DecoderNode decoder;

    @BeforeEach
    void begin(@TempDir Path scratch) throws Exception {
        decoder = new DecoderNode(scratch);
    }

    @Test
    void aStreamHasOneAnswerForEachTokenOfAPlainSession() throws Exception {
        var node = decoder.serve(STANDARD);

        List<ModelStreamInferResponse> answers = decoder.stream(node, request(12)).all();

        assertThat(answers).extracting(ModelStreamInferResponse::getErrorMessage).containsOnly("");
        assertThat(ids(answers)).isEqualTo(TinyDecoder.plainly(PROMPT, 12));
        assertThat(answers.stream().map(GenerationRequests::isLast))
                .hasSize(12)
                .startsWith(false)
                .endsWith(true)
                .containsOnlyOnce(true);
        assertThat(finish(answers.getLast().getInferResponse())).isEqualTo("length");
    }

    @Test
    void aClientMayHaveTheEndInAnAnswerOfItsOwn() throws Exception {
        var request = with(request(3), "triton_enable_empty_final_response", bool(true));

        List<ModelStreamInferResponse> answers =
                decoder.stream(decoder.serve(STANDARD), request).all();

        assertThat(answers).hasSize(4);
        assertThat(answers.getLast().getInferResponse().getOutputsCount()).isZero();
        assertThat(isLast(answers.get(2))).isFalse();
        assertThat(isLast(answers.get(3))).isTrue();
    }

    @Test
    void aUnaryCallHasTheWholeSequence() throws Exception {
        ModelInferResponse answer =
                GRPCInferenceServiceGrpc.newBlockingStub(
                                decoder.channel(decoder.serve(STANDARD), "consumer"))
                        .modelInfer(request(12));

        assertThat(ids(answer)).isEqualTo(TinyDecoder.plainly(PROMPT, 12));
        assertThat(finish(answer)).isEqualTo("length");
    }

    @Test
    void theModelsEndAndTheCallersStopEndIt() throws Exception {
        List<Integer> known = TinyDecoder.plainly(PROMPT, 8);
        var ends = new GenerationSettings(Set.of(known.get(4)), TinyDecoder.CONTEXT);
        var node = decoder.serve(STANDARD, ends, GenerationLimits.STANDARD);
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(decoder.channel(node, "consumer"));

        ModelInferResponse ended = stub.modelInfer(request(50));
        assertThat(ids(ended)).isEqualTo(known.subList(0, known.indexOf(known.get(4)) + 1));
        assertThat(finish(ended)).isEqualTo("end");
        ModelInferResponse stopped =
                stub.modelInfer(with(request(50), "stop_token_ids", text("7," + known.getFirst())));
        assertThat(finish(stopped)).isEqualTo("stop");
        assertThat(ids(stopped)).isEqualTo(known.subList(0, 1));
    }

    @Test
    void aSeededDrawIsTheSameAgain() throws Exception {
        var stub =
                GRPCInferenceServiceGrpc.newBlockingStub(
                        decoder.channel(decoder.serve(STANDARD), "consumer"));
        ModelInferRequest request =
                with(with(request(20), "temperature", text("1.5")), "seed", number(9));
        assertThat(ids(stub.modelInfer(request))).isEqualTo(ids(stub.modelInfer(request)));
    }

    @Test
    void whatASeedDrawsIsTheNodesSecretAndNoFinerThanHundredths() throws Exception {
        var stub =
                GRPCInferenceServiceGrpc.newBlockingStub(
                        decoder.channel(decoder.serve(STANDARD), "consumer"));
        ModelInferRequest request = with(request(20), "seed", number(9));
        List<Integer> drawn = ids(stub.modelInfer(with(request, "temperature", text("1.5"))));
        assertThat(ids(stub.modelInfer(with(request, "temperature", text("1.5004")))))
                .isEqualTo(drawn);
        assertThat(ids(stub.modelInfer(with(request, "temperature", text("1.51")))))
                .isNotEqualTo(drawn);
        var other =
                GRPCInferenceServiceGrpc.newBlockingStub(
                        decoder.channel(decoder.serve(STANDARD), "consumer"));
        assertThat(ids(other.modelInfer(with(request, "temperature", text("1.5")))))
                .isNotEqualTo(drawn);
    }

    @Test
    void promptsAndParametersOutsideTheirBoundsAreRefused() throws Exception {
        var stub =
                GRPCInferenceServiceGrpc.newBlockingStub(
                        decoder.channel(decoder.serve(STANDARD), "owner"));
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
    void aRequestThatCarriesMoreThanASequenceNeedsIsRefused() throws Exception {
        var stub =
                GRPCInferenceServiceGrpc.newBlockingStub(
                        decoder.channel(decoder.serve(STANDARD), "consumer"));
        assertThatThrownBy(() ->
                        stub.modelInfer(with(request(1), "ballast", text("x".repeat(200_000)))))
                .hasMessageStartingWith("INVALID_ARGUMENT")
                .hasMessageContaining("at most");
    }

    @Test
    void aWholeSequenceCanBeSignedForAndAStreamCannot() throws Exception {
        List<Digest> signed = new ArrayList<>();
        decoder.receipts =
                (question, answer, policy) -> {
                    signed.addAll(List.of(question, answer, policy));
                    return CompletableFuture.completedFuture(new byte[] {1, 2, 3});
                };
        var node = decoder.serve(STANDARD);
        ModelInferRequest request = with(request(2), "receipt", bool(true));

        ModelInferResponse answer =
                GRPCInferenceServiceGrpc.newBlockingStub(decoder.channel(node, "consumer"))
                        .modelInfer(request);

        assertThat(answer.getParametersOrThrow("receipt").getStringParam()).isEqualTo("AQID");
        assertThat(ids(answer)).isEqualTo(TinyDecoder.plainly(PROMPT, 2));
        assertThat(signed).doesNotHaveDuplicates().last().isEqualTo(parse(STANDARD).digest());
        assertThat(decoder.stream(node, request).all().getLast().getErrorMessage())
                .startsWith("RECEIPT_OF_STREAM");
    }
}
