package dev.strongroom.serving.rest;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.infer.RefusedException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * An answer as Triton's generate extension has it: one JSON object whose keys are outputs and
 * parameters alike; an output of one element is that element, and others are arrays without regard
 * to their shape.
 */
final class FlatAnswer {
    private FlatAnswer() {}

    /**
     * @param answer with raw contents
     * @param maxBytes of JSON
     */
    static byte[] json(ModelInferResponse answer, int maxBytes) throws RefusedException {
        var out = new ByteArrayOutputStream();
        try (JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            if (!answer.getId().isEmpty()) {
                json.writeStringProperty("id", answer.getId());
            }
            json.writeStringProperty("model_name", answer.getModelName());
            json.writeStringProperty("model_version", answer.getModelVersion());
            AnswerWriter.values(json, answer.getParametersMap());
            for (int i = 0; i < answer.getOutputsCount(); i++) {
                String name = answer.getOutputs(i).getName();
                ElementType type = ElementType.valueOf(answer.getOutputs(i).getDatatype());
                json.writeName(name);
                output(
                        json,
                        name,
                        type,
                        answer.getRawOutputContents(i),
                        () -> AnswerWriter.requireWithin(maxBytes, out.size()));
            }
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    /** Of what was written so far. */
    private interface Bound {
        void require() throws RefusedException;
    }

    private static void output(
            JsonGenerator json, String name, ElementType type, ByteString raw, Bound bound)
            throws RefusedException {
        ByteBuffer in = raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        boolean one = type != ElementType.BYTES && raw.size() == type.bytes();
        if (!one) {
            json.writeStartArray();
        }
        while (in.hasRemaining()) {
            AnswerWriter.element(json, name, type, in);
            bound.require();
        }
        if (!one) {
            json.writeEndArray();
        }
    }
}
