package dev.strongroom.serving.infer;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.ExchangeDigest;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.engine.Tensor;
import java.util.Base64;
import java.util.List;

/**
 * The parameter {@code receipt}: true in a request asks for one, and the answer has it in Base64
 * under the same name.
 */
final class ReceiptParameter {
    private static final String NAME = "receipt";

    private ReceiptParameter() {}

    static boolean asked(ModelInferRequest request) {
        InferParameter parameter = request.getParametersMap().get(NAME);
        return parameter != null && parameter.getBoolParam();
    }

    static ModelInferResponse with(ModelInferResponse answer, byte[] receipt) {
        String text = Base64.getEncoder().encodeToString(receipt);
        return answer.toBuilder()
                .putParameters(NAME, InferParameter.newBuilder().setStringParam(text).build())
                .build();
    }

    static Digest request(PublicModel model, String id, InferenceRequest request) {
        return ExchangeDigest.request(model.name(), id, parts(request.inputs()));
    }

    static Digest response(PublicModel model, String id, List<Tensor> answer) {
        return ExchangeDigest.response(model.name(), model.version(), id, parts(answer));
    }

    private static List<ExchangeDigest.Part> parts(List<Tensor> tensors) {
        return tensors.stream()
                .map(tensor ->
                        new ExchangeDigest.Part(
                                tensor.name(),
                                tensor.type().name(),
                                tensor.shape(),
                                RawContents.encode(tensor.content()).asReadOnlyByteBuffer()))
                .toList();
    }
}
