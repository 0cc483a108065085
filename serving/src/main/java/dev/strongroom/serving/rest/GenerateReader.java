package dev.strongroom.serving.rest;

import com.google.protobuf.UnsafeByteOperations;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.infer.RefusedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads a request of Triton's generate extension: {@code {"id": "1", "input_ids": [15496, 995],
 * "parameters": {"max_tokens": 16}}}. Text is the client's matter: tokenisers stay with it. Keys
 * beside these are refused.
 *
 * <p>For one request.
 */
final class GenerateReader {
    private static final String INPUT_IDS = "input_ids";
    private static final int FIRST_TOKENS = 256; // and twice that as often as need be

    private final ModelInferRequest.Builder request = ModelInferRequest.newBuilder();
    private final int mostTokens;
    private boolean prompted;

    private GenerateReader(int mostTokens) {
        this.mostTokens = mostTokens;
    }

    /**
     * Reads.
     *
     * @param body what came, from the array's beginning
     * @param length of what came
     * @param mostTokens of a prompt
     */
    static ModelInferRequest read(
            byte[] body, int length, String model, String version, int mostTokens)
            throws RefusedException {
        var reader = new GenerateReader(mostTokens);
        RequestJson.read(body, length, reader::document);
        if (!reader.prompted) {
            throw RequestJson.invalid("expected " + INPUT_IDS + ", the prompt's tokens");
        }
        return reader.request.setModelName(model).setModelVersion(version).build();
    }

    private void document(JsonParser json) throws RefusedException {
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            json.nextToken();
            switch (key) {
                case "id" -> request.setId(RequestJson.text(json, key));
                case "parameters" -> RequestJson.parameters(json, request::putParameters);
                case INPUT_IDS -> prompt(json);
                default -> throw RequestJson.unknown(key, "id, input_ids, parameters");
            }
        }
    }

    private void prompt(JsonParser json) throws RefusedException {
        RequestJson.array(json, INPUT_IDS);
        prompted = true;
        var tokens = tokens(Math.min(FIRST_TOKENS, mostTokens));
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
                    || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
                throw RequestJson.invalid(INPUT_IDS + ": expected whole numbers of 64 bits");
            }
            if (!tokens.hasRemaining()) {
                tokens = longer(tokens.flip());
            }
            tokens.putLong(json.getLongValue());
        }
        tokens.flip();
        int count = tokens.remaining() / Long.BYTES;
        request.addRawInputContents(UnsafeByteOperations.unsafeWrap(tokens));
        request.addInputsBuilder()
                .setName(INPUT_IDS)
                .setDatatype(ElementType.INT64.name())
                .addShape(1)
                .addShape(count);
    }

    private ByteBuffer longer(ByteBuffer full) throws RefusedException {
        int count = full.remaining() / Long.BYTES;
        if (count == mostTokens) {
            throw RequestJson.invalid(INPUT_IDS + ": expected at most " + mostTokens);
        }
        return tokens((int) Math.min(mostTokens, 2L * count)).put(full);
    }

    private static ByteBuffer tokens(int count) {
        return ByteBuffer.allocate(Math.multiplyExact(count, Long.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
    }
}
