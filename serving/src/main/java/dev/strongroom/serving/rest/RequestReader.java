package dev.strongroom.serving.rest;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferRequest.InferRequestedOutputTensor;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.rest.InputTensor.Range;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads an inference request: JSON, and behind it the binary data of the tensors that have some.
 * Keys that the protocol does not know are refused, and so is every key that comes twice. Elements
 * are read last, when their type and number are known, into memory that is no larger than they.
 *
 * <p>For one request.
 */
final class RequestReader {
    private static final int MAX_TENSORS = 1024;
    private static final String BINARY_SIZE = "binary_data_size";
    private static final String BINARY = "binary_data";
    private static final String BINARY_OUTPUT = "binary_data_output";
    private static final String SHARED_MEMORY = "shared_memory_region";

    private final byte[] body;
    private final int length;
    private final int jsonLength;
    private final ModelInferRequest.Builder request = ModelInferRequest.newBuilder();
    private final List<InputTensor> inputs = new ArrayList<>();
    private final Map<String, Boolean> binaryOutputs = new HashMap<>();
    private boolean binaryOtherwise;

    private RequestReader(byte[] body, int length, int jsonLength) {
        this.body = body;
        this.length = length;
        this.jsonLength = jsonLength;
    }

    /**
     * Reads.
     *
     * @param body what came, from the array's beginning; it is not copied and must not change
     * @param length of what came
     * @param jsonLength of its JSON; binary data follows
     * @param maxBytes of all elements together
     */
    static RestRequest read(
            byte[] body, int length, int jsonLength, String model, String version, int maxBytes)
            throws RefusedException {
        var reader = new RequestReader(body, length, jsonLength);
        RequestJson.read(body, jsonLength, reader::document);
        reader.elements(maxBytes);
        reader.request.setModelName(model).setModelVersion(version);
        return new RestRequest(
                reader.request.build(),
                new OutputForms(reader.binaryOtherwise, Map.copyOf(reader.binaryOutputs)));
    }

    private void document(JsonParser json) throws RefusedException {
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            json.nextToken();
            switch (key) {
                case "id" -> request.setId(RequestJson.text(json, "id"));
                case "parameters" -> RequestJson.parameters(json, this::requestParameter);
                case "inputs" -> tensors(json, key, () -> inputs.add(input(json)));
                case "outputs" -> tensors(json, key, () -> request.addOutputs(output(json)));
                default -> throw RequestJson.unknown(key, "id, parameters, inputs, outputs");
            }
        }
    }

    @FunctionalInterface
    private interface Element {
        void read() throws RefusedException;
    }

    private static void tensors(JsonParser json, String what, Element element)
            throws RefusedException {
        RequestJson.array(json, what);
        int count = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (++count > MAX_TENSORS) {
                throw RequestJson.invalid(what + ": expected at most " + MAX_TENSORS);
            }
            element.read();
        }
    }

    private static InputTensor input(JsonParser json) throws RefusedException {
        RequestJson.object(json, "an input");
        var input = new InputTensor();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            json.nextToken();
            switch (key) {
                case "name" -> input.head.setName(RequestJson.text(json, key));
                case "datatype" -> input.head.setDatatype(RequestJson.text(json, key));
                case "shape" -> shape(json, input);
                case "parameters" ->
                        RequestJson.parameters(
                                json, (name, value) -> inputParameter(input, name, value));
                case "data" -> input.data = skip(json);
                default ->
                        throw RequestJson.unknown(key, "name, datatype, shape, parameters, data");
            }
        }
        return input;
    }

    private static void inputParameter(InputTensor input, String name, InferParameter value) {
        if (name.equals(BINARY_SIZE) && value.hasInt64Param()) {
            input.binaryBytes = value.getInt64Param();
        } else {
            input.head.putParameters(name, value);
        }
    }

    private static void shape(JsonParser json, InputTensor input) throws RefusedException {
        RequestJson.array(json, "shape");
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
                    || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                    || input.head.getShapeCount() == InferenceRequest.MAX_RANK) {
                throw RefusedException.invalid(
                        "INPUT_SHAPE",
                        "input '%s': its shape is none (expected: at most %d whole numbers)"
                                .formatted(
                                        InferenceRequest.echo(input.name()),
                                        InferenceRequest.MAX_RANK));
            }
            input.head.addShape(json.getLongValue());
        }
    }

    /**
     * Remembers where the elements are. Objects are none, and their keys, which are kept to find
     * one that comes twice, would take many times the body's memory.
     */
    private static Range skip(JsonParser json) throws RefusedException {
        RequestJson.array(json, "data");
        int from = Math.toIntExact(json.currentTokenLocation().getByteOffset());
        for (int depth = 1; depth > 0; ) {
            switch (json.nextToken()) {
                case START_ARRAY -> depth++;
                case END_ARRAY -> depth--;
                case START_OBJECT ->
                        throw RequestJson.invalid("data: expected elements, got a JSON object");
                default -> {}
            }
        }
        return new Range(from, Math.toIntExact(json.currentLocation().getByteOffset()));
    }

    private InferRequestedOutputTensor output(JsonParser json) throws RefusedException {
        RequestJson.object(json, "an output");
        var output = InferRequestedOutputTensor.newBuilder();
        var binary = new ArrayList<Boolean>(1);
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            json.nextToken();
            switch (key) {
                case "name" -> output.setName(RequestJson.text(json, key));
                case "parameters" ->
                        RequestJson.parameters(
                                json,
                                (name, value) -> {
                                    if (name.equals(BINARY) && value.hasBoolParam()) {
                                        binary.add(value.getBoolParam());
                                    } else {
                                        output.putParameters(name, value);
                                    }
                                });
                default -> throw RequestJson.unknown(key, "name, parameters");
            }
        }
        binary.forEach(wanted -> binaryOutputs.put(output.getName(), wanted));
        return output.build();
    }

    private void requestParameter(String name, InferParameter value) {
        if (name.equals(BINARY_OUTPUT) && value.hasBoolParam()) {
            binaryOtherwise = value.getBoolParam();
        } else {
            request.putParameters(name, value);
        }
    }

    /** Brings every tensor's elements into the raw form. */
    private void elements(int maxBytes) throws RefusedException {
        long room = maxBytes;
        int at = jsonLength;
        for (InputTensor input : inputs) {
            ByteString raw;
            Long binary = input.binaryBytes;
            if (binary != null) {
                raw = binary(input, binary, at);
                at += raw.size();
            } else {
                raw = fromJson(input, room);
            }
            room -= raw.size();
            request.addInputs(input.head).addRawInputContents(raw);
        }
        if (at != length) {
            throw RequestJson.invalid(
                    "binary data: the inputs' binary_data_size add up to %d bytes, and %d came"
                            .formatted(at - jsonLength, length - jsonLength));
        }
    }

    private ByteString binary(InputTensor input, long bytes, int at) throws RefusedException {
        if (input.data != null) {
            throw RefusedException.invalid(
                    "INPUT_CONTENT",
                    "input '%s': data beside binary data; send one of them"
                            .formatted(InferenceRequest.echo(input.name())));
        }
        if (bytes < 0 || bytes > length - at) {
            throw RefusedException.invalid(
                    "INPUT_SIZE",
                    "input '%s': its binary data is said to have %d bytes, and %d are left"
                            .formatted(InferenceRequest.echo(input.name()), bytes, length - at));
        }
        return UnsafeByteOperations.unsafeWrap(body, at, (int) bytes);
    }

    private ByteString fromJson(InputTensor input, long room) throws RefusedException {
        Range data = input.data;
        if (data != null) {
            return ElementReader.read(body, data, input.head, room);
        }
        if (input.head.containsParameters(SHARED_MEMORY)) {
            return ByteString.EMPTY; // refused where every transport's is
        }
        throw RefusedException.invalid(
                "INPUT_CONTENT",
                "input '%s': it has no elements (expected: data, or binary_data_size)"
                        .formatted(InferenceRequest.echo(input.name())));
    }
}
