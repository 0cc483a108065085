package dev.strongroom.serving.rest;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.strongroom.proto.inference.ModelInferRequest.InferInputTensorOrBuilder;
import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Shapes;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.rest.InputTensor.Range;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * Reads a tensor's elements from JSON into the protocol's raw form: row by row in one array, or in
 * arrays within arrays as the shape says.
 *
 * <p>For one tensor.
 */
final class ElementReader {
    private final JsonParser json;
    private final String input;
    private final ElementType type;
    private final List<Long> shape;
    private final long elements;
    private final ByteBuffer numbers;
    private final ByteArrayOutputStream texts = new ByteArrayOutputStream();
    private long count;

    private ElementReader(
            JsonParser json, String input, ElementType type, List<Long> shape, long elements) {
        this.json = json;
        this.input = input;
        this.type = type;
        this.shape = shape;
        this.elements = elements;
        this.numbers =
                ByteBuffer.allocate(Math.toIntExact(elements * type.bytes()))
                        .order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads; what does not fit its own type or shape is refused here, and what does not fit the
     * model is left to those who know it.
     *
     * @param data where the array is in the body
     * @param room bytes that the elements may take
     */
    static ByteString read(byte[] body, Range data, InferInputTensorOrBuilder head, long room)
            throws RefusedException {
        String input = InferenceRequest.echo(head.getName());
        Optional<ElementType> type = type(head.getDatatype());
        Optional<Long> elements = elements(head.getShapeList());
        if (type.isEmpty() || elements.isEmpty()) {
            return ByteString.EMPTY; // its datatype or shape is refused before its content
        }
        requireCarried(input, type.get());
        requireRoom(input, type.get(), elements.get(), data, room);
        try (JsonParser json =
                Json.FACTORY.createParser(
                        ObjectReadContext.empty(), body, data.from(), data.to() - data.from())) {
            return new ElementReader(json, input, type.get(), head.getShapeList(), elements.get())
                    .all();
        } catch (JacksonException e) {
            throw RequestJson.malformed(e);
        }
    }

    private static Optional<ElementType> type(String name) {
        return Stream.of(ElementType.values()).filter(type -> type.name().equals(name)).findAny();
    }

    private static Optional<Long> elements(List<Long> shape) {
        try {
            return Optional.of(Shapes.elements(shape));
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static void requireCarried(String input, ElementType type) throws RefusedException {
        if (type == ElementType.FP16 || type == ElementType.BF16) {
            throw RefusedException.invalid(
                    "INPUT_CONTENT",
                    "input '%s': %s has no form in JSON; send binary data".formatted(input, type));
        }
    }

    /** Before anything is allocated: an element and its comma take two characters at least. */
    private static void requireRoom(
            String input, ElementType type, long elements, Range data, long room)
            throws RefusedException {
        if (elements > (data.to() - data.from()) / 2) {
            throw RefusedException.invalid(
                    "INPUT_SIZE",
                    "input '%s': expected %d elements by its shape, got fewer"
                            .formatted(input, elements));
        }
        if (elements * type.bytes() > room) {
            throw RefusedException.invalid(
                    "INPUT_SIZE",
                    "input '%s': its elements take more than this node lets a request have; send"
                                    .formatted(input)
                            + " fewer rows");
        }
    }

    private ByteString all() throws RefusedException {
        json.nextToken();
        JsonToken first = json.nextToken();
        if (first == JsonToken.START_ARRAY && shape.size() > 1) {
            rows(0, first);
        } else {
            row(first);
        }
        if (count != elements) {
            throw size();
        }
        return type == ElementType.BYTES
                ? UnsafeByteOperations.unsafeWrap(texts.toByteArray())
                : UnsafeByteOperations.unsafeWrap(numbers.flip());
    }

    /** As many arrays as the dimension says, and in the last one as many elements. */
    private void rows(int dimension, JsonToken first) throws RefusedException {
        long found = 0;
        if (dimension == shape.size() - 1) {
            found -= count;
            row(first);
            found += count;
        } else {
            for (JsonToken token = first; token != JsonToken.END_ARRAY; token = json.nextToken()) {
                if (token != JsonToken.START_ARRAY) {
                    throw nesting();
                }
                rows(dimension + 1, json.nextToken());
                found++;
            }
        }
        if (found != shape.get(dimension)) {
            throw nesting();
        }
    }

    private void row(JsonToken first) throws RefusedException {
        for (JsonToken token = first; token != JsonToken.END_ARRAY; token = json.nextToken()) {
            if (count == elements) {
                throw size();
            }
            element(token);
            count++;
        }
    }

    private void element(JsonToken token) throws RefusedException {
        switch (type) {
            case BOOL ->
                    numbers.put(
                            switch (token) {
                                case VALUE_TRUE -> (byte) 1;
                                case VALUE_FALSE -> (byte) 0;
                                default -> throw range("true or false");
                            });
            case INT8 -> numbers.put((byte) whole(token, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case INT16 -> numbers.putShort((short) whole(token, Short.MIN_VALUE, Short.MAX_VALUE));
            case INT32 -> numbers.putInt((int) whole(token, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case INT64 -> numbers.putLong(whole(token, Long.MIN_VALUE, Long.MAX_VALUE));
            case UINT8 -> numbers.put((byte) whole(token, 0, 0xff));
            case UINT16 -> numbers.putShort((short) whole(token, 0, 0xffff));
            case UINT32 -> numbers.putInt((int) whole(token, 0, 0xffff_ffffL));
            case UINT64 -> numbers.putLong(unsigned(token));
            case FP32 -> numbers.putFloat(single(token));
            case FP64 -> numbers.putDouble(wide(token));
            case BYTES -> text(token);
            case FP16, BF16 -> throw new IllegalStateException("no form in JSON");
        }
    }

    private long whole(JsonToken token, long min, long max) throws RefusedException {
        if (token != JsonToken.VALUE_NUMBER_INT || json.getNumberType() == NumberType.BIG_INTEGER) {
            throw range(min + " to " + max);
        }
        long value = json.getLongValue();
        if (value < min || value > max) {
            throw range(min + " to " + max);
        }
        return value;
    }

    private long unsigned(JsonToken token) throws RefusedException {
        if (token == JsonToken.VALUE_NUMBER_INT) {
            BigInteger value = json.getBigIntegerValue();
            if (value.signum() >= 0 && value.bitLength() <= Long.SIZE) {
                return value.longValue();
            }
        }
        throw range("0 to 18446744073709551615");
    }

    private float single(JsonToken token) throws RefusedException {
        requireNumber(token);
        float value = json.getFloatValue();
        if (!Float.isFinite(value)) {
            throw range("a number within its range");
        }
        return value;
    }

    private double wide(JsonToken token) throws RefusedException {
        requireNumber(token);
        double value = json.getDoubleValue();
        if (!Double.isFinite(value)) {
            throw range("a number within its range");
        }
        return value;
    }

    private void requireNumber(JsonToken token) throws RefusedException {
        if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
            throw range("a number");
        }
    }

    private void text(JsonToken token) throws RefusedException {
        if (token != JsonToken.VALUE_STRING) {
            throw range("text");
        }
        byte[] utf8 = RequestJson.unicode(json.getString()).getBytes(StandardCharsets.UTF_8);
        var length = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        texts.writeBytes(length.putInt(utf8.length).array());
        texts.writeBytes(utf8);
    }

    private RefusedException range(String expected) {
        return RefusedException.invalid(
                "INPUT_RANGE",
                "input '%s': an element is no %s (expected: %s)".formatted(input, type, expected));
    }

    private RefusedException size() {
        return RefusedException.invalid(
                "INPUT_SIZE",
                "input '%s': expected %d elements by its shape, got %s"
                        .formatted(input, elements, count < elements ? "" + count : "more"));
    }

    private RefusedException nesting() {
        return RefusedException.invalid(
                "INPUT_SHAPE",
                "input '%s': its arrays are not nested as its shape says (expected: that, or one"
                                .formatted(input)
                        + " array of all elements)");
    }
}
