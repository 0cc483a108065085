package dev.strongroom.serving.infer;

import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferResponse;
import java.util.Optional;

/**
 * The parameter {@code ticket} of an answer: the caller gets less than others by the evidence
 * against him, and the model's owner finds his case under this name.
 */
final class TicketParameter {
    private static final String NAME = "ticket";

    private TicketParameter() {}

    static ModelInferResponse with(ModelInferResponse answer, Optional<String> ticket) {
        return ticket.map(text ->
                        answer.toBuilder()
                                .putParameters(
                                        NAME,
                                        InferParameter.newBuilder().setStringParam(text).build())
                                .build())
                .orElse(answer);
    }
}
