package dev.strongroom.serving.rpc;

import static dev.strongroom.serving.rpc.DecoderNode.STANDARD;
import static dev.strongroom.serving.rpc.DecoderNode.partner;
import static dev.strongroom.serving.rpc.GenerationRequests.PROMPT;
import static dev.strongroom.serving.rpc.GenerationRequests.ids;
import static dev.strongroom.serving.rpc.GenerationRequests.number;
import static dev.strongroom.serving.rpc.GenerationRequests.request;
import static dev.strongroom.serving.rpc.GenerationRequests.text;
import static dev.strongroom.serving.rpc.GenerationRequests.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.proto.inference.ModelMetadataRequest;
import dev.strongroom.serving.engine.TinyDecoder;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.limit.Suspicion;
import dev.strongroom.serving.guard.shape.Rung;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a sequence shows of what the model computed. */
@Timeout(60)
class ShownTokensTest {
    @AutoClose private DecoderNode decoder;

    @BeforeEach
    void begin(@TempDir Path scratch) throws Exception {
        decoder = new DecoderNode(scratch);
    }

    @Test
    void noLogitsLeaveTheModel() throws Exception {
        var stub =
                GRPCInferenceServiceGrpc.newBlockingStub(
                        decoder.channel(decoder.serve(STANDARD), "owner"));
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
        var stub =
                GRPCInferenceServiceGrpc.newBlockingStub(
                        decoder.channel(decoder.serve(STANDARD), "owner"));
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
        var node = decoder.serve(partner("\"topK\":\"all\"", "\"topK\":3"));
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(decoder.channel(node, "consumer"));
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
        var node = decoder.serve(partner("\"raw\":true", "\"raw\":false"));
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(decoder.channel(node, "consumer"));
        assertThatThrownBy(() -> stub.modelInfer(with(request(1), "logprobs", number(1))))
                .hasMessageStartingWith("PERMISSION_DENIED");
    }

    @Test
    void thereIsNoBiasOfLogits() throws Exception {
        var stub =
                GRPCInferenceServiceGrpc.newBlockingStub(
                        decoder.channel(decoder.serve(STANDARD), "owner"));
        assertThatThrownBy(
                        () -> stub.modelInfer(with(request(1), "logit_bias", text("{\"5\":100}"))))
                .hasMessageStartingWith("UNIMPLEMENTED");
    }

    private void tighten(Rung rung) throws Exception {
        decoder.accounts.use(
                Accounts.id("acme/consumer/somebody"), account -> Suspicion.climb(account, rung));
    }
}
