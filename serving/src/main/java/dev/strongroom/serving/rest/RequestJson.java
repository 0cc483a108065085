package dev.strongroom.serving.rest;

import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.RefusedException;
import java.util.function.BiConsumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/** What the JSON of every request is made of, and how it is refused where it is not. */
final class RequestJson {
    private static final int MAX_PARAMETERS = 64;

    private RequestJson() {}

    /** Reads what stands in the outer object, up to its end. */
    @FunctionalInterface
    interface Document {
        void read(JsonParser json) throws RefusedException;
    }

    /**
     * Reads one object and nothing behind it.
     *
     * @param body from the array's beginning
     * @param length of the JSON
     */
    static void read(byte[] body, int length, Document document) throws RefusedException {
        requireUtf8(body, length);
        try (JsonParser json =
                Json.FACTORY.createParser(ObjectReadContext.empty(), body, 0, length)) {
            json.nextToken();
            object(json, "the request");
            document.read(json);
            if (json.nextToken() != null) {
                throw invalid(
                        "there is more after the request; where binary data is, say how long the"
                                + " JSON is in the header Inference-Header-Content-Length");
            }
        } catch (JacksonException e) {
            throw malformed(e);
        }
    }

    /** The parser would guess other encodings, in which our offsets are none. */
    private static void requireUtf8(byte[] body, int length) throws RefusedException {
        for (int i = 0; i < Math.min(2, length); i++) {
            if (body[i] <= 0) {
                throw invalid("expected UTF-8 without a byte order mark");
            }
        }
    }

    static void parameters(JsonParser json, BiConsumer<String, InferParameter> take)
            throws RefusedException {
        object(json, "parameters");
        int count = 0;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            if (++count > MAX_PARAMETERS) {
                throw invalid("parameters: expected at most " + MAX_PARAMETERS);
            }
            String name = json.currentName();
            json.nextToken();
            take.accept(name, parameter(json, name));
        }
    }

    private static InferParameter parameter(JsonParser json, String name) throws RefusedException {
        var value = InferParameter.newBuilder();
        switch (json.currentToken()) {
            case VALUE_TRUE -> value.setBoolParam(true);
            case VALUE_FALSE -> value.setBoolParam(false);
            case VALUE_STRING -> value.setStringParam(text(json, name));
            case VALUE_NUMBER_FLOAT -> value.setDoubleParam(json.getDoubleValue());
            case VALUE_NUMBER_INT -> {
                if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
                    throw invalid("a parameter is beyond 64 bits");
                }
                value.setInt64Param(json.getLongValue());
            }
            default -> throw invalid("expected parameters to be numbers, texts, true or false");
        }
        return value.build();
    }

    static String text(JsonParser json, String what) throws RefusedException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw invalid(InferenceRequest.echo(what) + ": expected text");
        }
        return unicode(json.getString());
    }

    /** Half a surrogate pair can be written in JSON and in nothing that comes after it. */
    static String unicode(String text) throws RefusedException {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw invalid("a text has half a surrogate pair");
            }
        }
        return text;
    }

    static void object(JsonParser json, String what) throws RefusedException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw invalid(what + ": expected a JSON object");
        }
    }

    static void array(JsonParser json, String what) throws RefusedException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw invalid(what + ": expected a JSON array");
        }
    }

    static RefusedException unknown(String key, String expected) {
        return invalid(
                "key '%s' is unknown here (expected: %s)"
                        .formatted(InferenceRequest.echo(key), expected));
    }

    /** The parser's own message quotes what it read. */
    static RefusedException malformed(JacksonException e) {
        var at = e.getLocation();
        return invalid(
                at == null
                        ? "malformed JSON"
                        : "malformed JSON, or a key twice, or too deep, at byte "
                                + at.getByteOffset());
    }

    static RefusedException invalid(String message) {
        return RefusedException.invalid("REQUEST_MALFORMED", message);
    }
}
