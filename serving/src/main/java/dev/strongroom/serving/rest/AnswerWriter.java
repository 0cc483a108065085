package dev.strongroom.serving.rest;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.proto.inference.ModelInferResponse.InferOutputTensor;
import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * Writes an answer as JSON, and behind it the tensors that were asked for as binary data.
 *
 * <p>For one answer.
 */
final class AnswerWriter {
    private final ModelInferResponse answer;
    private final OutputForms forms;
    private final int maxBytes;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<ByteString> binary = new ArrayList<>();

    private AnswerWriter(ModelInferResponse answer, OutputForms forms, int maxBytes) {
        this.answer = answer;
        this.forms = forms;
        this.maxBytes = maxBytes;
    }

    /**
     * Writes.
     *
     * @param answer with raw contents
     * @param maxBytes of JSON
     */
    static Reply write(ModelInferResponse answer, OutputForms forms, int maxBytes)
            throws RefusedException {
        return new AnswerWriter(answer, forms, maxBytes).reply();
    }

    private Reply reply() throws RefusedException {
        try (JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            document(json);
        }
        int jsonBytes = out.size();
        if (binary.isEmpty()) {
            return Reply.json(200, out.toByteArray());
        }
        long all = jsonBytes + binary.stream().mapToLong(ByteString::size).sum();
        var body = ByteBuffer.allocate(Math.toIntExact(all)).put(out.toByteArray());
        binary.forEach(part -> body.put(part.asReadOnlyByteBuffer()));
        return Reply.binary(jsonBytes, body.array());
    }

    private void document(JsonGenerator json) throws RefusedException {
        json.writeStartObject();
        json.writeStringProperty("model_name", answer.getModelName());
        json.writeStringProperty("model_version", answer.getModelVersion());
        if (!answer.getId().isEmpty()) {
            json.writeStringProperty("id", answer.getId());
        }
        if (answer.getParametersCount() > 0) {
            parameters(json, answer.getParametersMap());
        }
        json.writeArrayPropertyStart("outputs");
        for (int i = 0; i < answer.getOutputsCount(); i++) {
            output(json, answer.getOutputs(i), answer.getRawOutputContents(i));
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void parameters(JsonGenerator json, Map<String, InferParameter> parameters) {
        json.writeObjectPropertyStart("parameters");
        values(json, parameters);
        json.writeEndObject();
    }

    /** As properties of the object that is being written. */
    static void values(JsonGenerator json, Map<String, InferParameter> parameters) {
        parameters.forEach((name, value) -> {
            switch (value.getParameterChoiceCase()) {
                case BOOL_PARAM -> json.writeBooleanProperty(name, value.getBoolParam());
                case INT64_PARAM -> json.writeNumberProperty(name, value.getInt64Param());
                case STRING_PARAM -> json.writeStringProperty(name, value.getStringParam());
                case DOUBLE_PARAM -> json.writeNumberProperty(name, value.getDoubleParam());
                case UINT64_PARAM ->
                        json.writeNumberProperty(name, unsigned(value.getUint64Param()));
                case PARAMETERCHOICE_NOT_SET -> {}
            }
        });
    }

    private void output(JsonGenerator json, InferOutputTensor output, ByteString raw)
            throws RefusedException {
        ElementType type = ElementType.valueOf(output.getDatatype());
        json.writeStartObject();
        json.writeStringProperty("name", output.getName());
        json.writeStringProperty("datatype", output.getDatatype());
        Json.shape(json, output.getShapeList());
        if (forms.binary(output.getName(), type)) {
            json.writeObjectPropertyStart("parameters");
            json.writeNumberProperty("binary_data_size", raw.size());
            json.writeEndObject();
            binary.add(raw);
        } else {
            json.writeArrayPropertyStart("data");
            elements(json, output.getName(), type, raw);
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private void elements(JsonGenerator json, String output, ElementType type, ByteString raw)
            throws RefusedException {
        ByteBuffer in = raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            element(json, output, type, in);
            requireWithin(maxBytes, out.size());
        }
    }

    static void requireWithin(int maxBytes, int bytes) throws RefusedException {
        if (bytes > maxBytes) {
            throw new RefusedException(
                    Status.Code.RESOURCE_EXHAUSTED,
                    "RESPONSE_TOO_LARGE",
                    "the answer has more than the %d bytes of JSON that this node sends; ask"
                                    .formatted(maxBytes)
                            + " for binary_data, or for fewer rows or outputs");
        }
    }

    /** The next element of a tensor in its raw form. */
    static void element(JsonGenerator json, String output, ElementType type, ByteBuffer in)
            throws RefusedException {
        switch (type) {
            case BOOL -> json.writeBoolean(in.get() != 0);
            case INT8 -> json.writeNumber(in.get());
            case INT16 -> json.writeNumber(in.getShort());
            case INT32 -> json.writeNumber(in.getInt());
            case INT64 -> json.writeNumber(in.getLong());
            case UINT8 -> json.writeNumber(in.get() & 0xff);
            case UINT16 -> json.writeNumber(in.getShort() & 0xffff);
            case UINT32 -> json.writeNumber(Integer.toUnsignedLong(in.getInt()));
            case UINT64 -> json.writeNumber(unsigned(in.getLong()));
            case FP32 -> {
                float value = in.getFloat();
                requireFinite(output, value);
                json.writeNumber(value);
            }
            case FP64 -> {
                double value = in.getDouble();
                requireFinite(output, value);
                json.writeNumber(value);
            }
            case BYTES -> {
                byte[] utf8 = new byte[in.getInt()];
                in.get(utf8);
                json.writeString(new String(utf8, StandardCharsets.UTF_8));
            }
            case FP16, BF16 ->
                    throw RefusedException.invalid(
                            "OUTPUT_NOT_JSON",
                            "output '%s': half floats have no form in JSON".formatted(output));
        }
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }

    private static void requireFinite(String output, double value) throws RefusedException {
        if (!Double.isFinite(value)) {
            throw RefusedException.invalid(
                    "OUTPUT_NOT_JSON",
                    "output '%s': JSON has neither NaN nor infinities; ask for binary_data"
                            .formatted(output));
        }
    }
}
