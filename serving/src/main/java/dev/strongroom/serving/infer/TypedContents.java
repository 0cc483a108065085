package dev.strongroom.serving.infer;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.InferTensorContents;
import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Tensor.Content;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The protocol's repeated fields, one per family of element types, to and from flat elements. */
final class TypedContents {
    private TypedContents() {}

    /**
     * Elements of a typed input.
     *
     * @param elements how many the shape says; checked before anything is allocated
     */
    static Content decode(
            String input, ElementType type, long elements, InferTensorContents contents)
            throws RefusedException {
        String field = fieldOf(input, type);
        requireOnly(input, field, contents);
        int count = count(field, contents);
        if (count != elements) {
            throw RefusedException.invalid(
                    "INPUT_SIZE",
                    "input '%s': expected %d elements by its shape, got %d in %s"
                            .formatted(input, elements, count, field));
        }
        if (type == ElementType.BYTES) {
            return new Content.Strings(RawContents.strings(input, contents.getBytesContentsList()));
        }
        var bytes =
                ByteBuffer.allocate(Math.multiplyExact(count, type.bytes()))
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            put(input, type, contents, i, bytes);
        }
        return new Content.Numbers(bytes.flip());
    }

    /** False for the types that the protocol carries raw only. */
    static boolean canCarry(ElementType type) {
        return type != ElementType.FP16 && type != ElementType.BF16;
    }

    static InferTensorContents encode(ElementType type, Content content) {
        var contents = InferTensorContents.newBuilder();
        switch (content) {
            case Content.Strings(var values) ->
                    values.forEach(
                            value -> contents.addBytesContents(ByteString.copyFromUtf8(value)));
            case Content.Numbers(var bytes) -> {
                var in = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
                while (in.hasRemaining()) {
                    take(type, in, contents);
                }
            }
        }
        return contents.build();
    }

    private static void put(
            String input, ElementType type, InferTensorContents in, int i, ByteBuffer out)
            throws RefusedException {
        switch (type) {
            case BOOL -> out.put((byte) (in.getBoolContents(i) ? 1 : 0));
            case INT8 -> out.put((byte) within(input, type, in.getIntContents(i), -0x80, 0x7f));
            case INT16 ->
                    out.putShort(
                            (short) within(input, type, in.getIntContents(i), -0x8000, 0x7fff));
            case INT32 -> out.putInt(in.getIntContents(i));
            case INT64 -> out.putLong(in.getInt64Contents(i));
            case UINT8 -> out.put((byte) within(input, type, unsigned(in, i), 0, 0xff));
            case UINT16 -> out.putShort((short) within(input, type, unsigned(in, i), 0, 0xffff));
            case UINT32 -> out.putInt(in.getUintContents(i));
            case UINT64 -> out.putLong(in.getUint64Contents(i));
            case FP32 -> out.putFloat(in.getFp32Contents(i));
            case FP64 -> out.putDouble(in.getFp64Contents(i));
            case FP16, BF16, BYTES -> throw new IllegalStateException("no number field");
        }
    }

    private static void take(ElementType type, ByteBuffer in, InferTensorContents.Builder out) {
        switch (type) {
            case BOOL -> out.addBoolContents(in.get() != 0);
            case INT8 -> out.addIntContents(in.get());
            case INT16 -> out.addIntContents(in.getShort());
            case INT32 -> out.addIntContents(in.getInt());
            case INT64 -> out.addInt64Contents(in.getLong());
            case UINT8 -> out.addUintContents(in.get() & 0xff);
            case UINT16 -> out.addUintContents(in.getShort() & 0xffff);
            case UINT32 -> out.addUintContents(in.getInt());
            case UINT64 -> out.addUint64Contents(in.getLong());
            case FP32 -> out.addFp32Contents(in.getFloat());
            case FP64 -> out.addFp64Contents(in.getDouble());
            case FP16, BF16, BYTES -> throw new IllegalStateException("no number field");
        }
    }

    private static long unsigned(InferTensorContents in, int i) {
        return Integer.toUnsignedLong(in.getUintContents(i));
    }

    private static long within(String input, ElementType type, long value, long min, long max)
            throws RefusedException {
        if (value < min || value > max) {
            throw RefusedException.invalid(
                    "INPUT_RANGE",
                    "input '%s': an element is outside %s (expected: %d to %d)"
                            .formatted(input, type, min, max));
        }
        return value;
    }

    private static String fieldOf(String input, ElementType type) throws RefusedException {
        return switch (type) {
            case BOOL -> "bool_contents";
            case INT8, INT16, INT32 -> "int_contents";
            case INT64 -> "int64_contents";
            case UINT8, UINT16, UINT32 -> "uint_contents";
            case UINT64 -> "uint64_contents";
            case FP32 -> "fp32_contents";
            case FP64 -> "fp64_contents";
            case BYTES -> "bytes_contents";
            case FP16, BF16 ->
                    throw RefusedException.invalid(
                            "INPUT_CONTENT",
                            "input '%s': %s has no typed field; send raw_input_contents"
                                    .formatted(input, type));
        };
    }

    private static void requireOnly(String input, String field, InferTensorContents contents)
            throws RefusedException {
        List<String> filled = new ArrayList<>();
        contents.getAllFields().keySet().forEach(each -> filled.add(each.getName()));
        filled.remove(field);
        if (!filled.isEmpty()) {
            throw RefusedException.invalid(
                    "INPUT_CONTENT",
                    "input '%s': expected %s, got %s"
                            .formatted(input, field, String.join(", ", filled)));
        }
    }

    private static int count(String field, InferTensorContents contents) {
        return switch (field) {
            case "bool_contents" -> contents.getBoolContentsCount();
            case "int_contents" -> contents.getIntContentsCount();
            case "int64_contents" -> contents.getInt64ContentsCount();
            case "uint_contents" -> contents.getUintContentsCount();
            case "uint64_contents" -> contents.getUint64ContentsCount();
            case "fp32_contents" -> contents.getFp32ContentsCount();
            case "fp64_contents" -> contents.getFp64ContentsCount();
            case "bytes_contents" -> contents.getBytesContentsCount();
            default -> throw new IllegalArgumentException(field);
        };
    }
}
