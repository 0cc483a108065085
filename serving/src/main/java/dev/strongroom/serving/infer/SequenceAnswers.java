package dev.strongroom.serving.infer;

import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.generate.Finish;
import dev.strongroom.serving.generate.Token;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Puts the tokens of one sequence into answers to the call it is generated for.
 *
 * @param id of the request
 * @param maxBytes of an answer
 */
record SequenceAnswers(ServedModel model, String id, InferenceRequest request, int maxBytes) {
    /** One token of several answers. */
    ModelInferResponse part(Token token) throws RefusedException {
        return GenerationAnswer.part(encode(List.of(token)));
    }

    /** The last answer, or the only one. */
    ModelInferResponse last(List<Token> tokens, Finish finish, TokenTerms terms)
            throws RefusedException {
        return TicketParameter.with(GenerationAnswer.last(encode(tokens), finish), terms.ticket());
    }

    /** Signs for the only one. */
    CompletionStage<byte[]> receipt(List<Token> tokens, TokenTerms terms) throws RefusedException {
        return model.receipts()
                .issue(
                        ReceiptParameter.request(model, id, request),
                        ReceiptParameter.response(model, id, shown(tokens)),
                        terms.policy().orElseThrow(ReceiptDesk::unavailable));
    }

    private ModelInferResponse encode(List<Token> tokens) throws RefusedException {
        return InferenceAnswer.encode(model, id, request, shown(tokens), maxBytes);
    }

    private List<Tensor> shown(List<Token> tokens) {
        if (tokens.isEmpty()) {
            return List.of();
        }
        return GenerationAnswer.tensors(tokens).stream()
                .filter(tensor -> request.outputs().contains(tensor.name()))
                .toList();
    }
}
