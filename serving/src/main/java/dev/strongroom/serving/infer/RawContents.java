package dev.strongroom.serving.infer;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Tensor.Content;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Row-major little-endian elements without gaps. Strings carry a 4-byte little-endian length before
 * each, as Triton does it.
 */
final class RawContents {
    private RawContents() {}

    /**
     * Elements of a raw input.
     *
     * @param elements how many the shape says
     */
    static Content decode(String input, ElementType type, long elements, ByteString raw)
            throws RefusedException {
        if (type == ElementType.BYTES) {
            return new Content.Strings(strings(input, split(input, elements, raw)));
        }
        long expected = expectedBytes(input, type, elements);
        if (raw.size() != expected) {
            throw RefusedException.invalid(
                    "INPUT_SIZE",
                    "input '%s': expected %d bytes by its shape and %s, got %d"
                            .formatted(input, expected, type, raw.size()));
        }
        ByteBuffer bytes = raw.asReadOnlyByteBuffer();
        if (type == ElementType.BOOL) {
            requireBooleans(input, bytes.duplicate());
        }
        return new Content.Numbers(bytes);
    }

    static ByteString encode(Content content) {
        return switch (content) {
            case Content.Numbers(var bytes) -> UnsafeByteOperations.unsafeWrap(bytes);
            case Content.Strings(var values) -> {
                var out = new ByteArrayOutputStream();
                for (String value : values) {
                    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
                    var length = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
                    out.writeBytes(length.putInt(utf8.length).array());
                    out.writeBytes(utf8);
                }
                yield UnsafeByteOperations.unsafeWrap(out.toByteArray());
            }
        };
    }

    /** Elements as text; the session takes nothing else. */
    static List<String> strings(String input, List<ByteString> elements) throws RefusedException {
        List<String> values = new ArrayList<>(elements.size());
        for (ByteString element : elements) {
            values.add(text(input, element));
        }
        return values;
    }

    private static List<ByteString> split(String input, long elements, ByteString raw)
            throws RefusedException {
        List<ByteString> values = new ArrayList<>();
        int position = 0;
        while (position < raw.size()) {
            if (raw.size() - position < Integer.BYTES) {
                throw cutOff(input);
            }
            int length =
                    raw.substring(position, position + Integer.BYTES)
                            .asReadOnlyByteBuffer()
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getInt();
            position += Integer.BYTES;
            if (length < 0 || length > raw.size() - position) {
                throw cutOff(input);
            }
            values.add(raw.substring(position, position + length));
            position += length;
        }
        if (values.size() != elements) {
            throw RefusedException.invalid(
                    "INPUT_SIZE",
                    "input '%s': expected %d elements by its shape, got %d"
                            .formatted(input, elements, values.size()));
        }
        return values;
    }

    private static RefusedException cutOff(String input) {
        return RefusedException.invalid(
                "INPUT_SIZE",
                "input '%s': an element is cut off (expected: 4-byte little-endian length, then"
                                .formatted(input)
                        + " that many bytes)");
    }

    /** What lies outside is mangled on the way through the library's Java binding. */
    private static String text(String input, ByteString element) throws RefusedException {
        try {
            String value =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .onUnmappableCharacter(CodingErrorAction.REPORT)
                            .decode(element.asReadOnlyByteBuffer())
                            .toString();
            if (value.chars().noneMatch(c -> c == 0 || Character.isSurrogate((char) c))) {
                return value;
            }
        } catch (CharacterCodingException malformed) {
            // Refused below, with the same advice.
        }
        throw RefusedException.invalid(
                "INPUT_TEXT",
                "input '%s': expected UTF-8 text without NUL and without characters beyond U+FFFF"
                        .formatted(input));
    }

    private static void requireBooleans(String input, ByteBuffer bytes) throws RefusedException {
        while (bytes.hasRemaining()) {
            if ((bytes.get() & 0xfe) != 0) {
                throw RefusedException.invalid(
                        "INPUT_RANGE",
                        "input '%s': an element is outside BOOL (expected: 0 or 1)"
                                .formatted(input));
            }
        }
    }

    private static long expectedBytes(String input, ElementType type, long elements)
            throws RefusedException {
        try {
            return Math.multiplyExact(elements, (long) type.bytes());
        } catch (ArithmeticException e) {
            throw RefusedException.invalid(
                    "INPUT_SHAPE", "input '%s': its shape overflows".formatted(input));
        }
    }
}
