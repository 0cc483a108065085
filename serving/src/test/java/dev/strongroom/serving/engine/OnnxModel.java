package dev.strongroom.serving.engine;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes small ONNX models by hand, with the field numbers of onnx.proto. */
public final class OnnxModel {
    public static final int FLOAT = 1;
    public static final int UINT8 = 2;
    public static final int INT8 = 3;
    public static final int UINT16 = 4;
    public static final int INT16 = 5;
    public static final int INT32 = 6;
    public static final int INT64 = 7;
    public static final int STRING = 8;
    public static final int BOOL = 9;
    public static final int FLOAT16 = 10;
    public static final int DOUBLE = 11;
    public static final int UINT32 = 12;
    public static final int UINT64 = 13;
    public static final int BFLOAT16 = 16;

    private static final int IR_VERSION = 8;
    private static final int OPSET = 17;

    private final ByteArrayOutputStream graph = new ByteArrayOutputStream();

    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    /** Any number of bytes {@code x} in, as many {@code y} out, as they are. */
    public static byte[] echo() {
        return new OnnxModel()
                .input("x", UINT8, -1)
                .output("y", UINT8, -1)
                .node("Identity", List.of("x"), List.of("y"))
                .bytes();
    }

    /** -1 is a size of its own name. */
    public OnnxModel input(String name, int type, long... shape) {
        return field(11, valueInfo(name, type, shape));
    }

    public OnnxModel output(String name, int type, long... shape) {
        return field(12, valueInfo(name, type, shape));
    }

    public OnnxModel node(String operator, List<String> inputs, List<String> outputs) {
        return node(operator, inputs, outputs, new byte[0][]);
    }

    public OnnxModel node(
            String operator, List<String> inputs, List<String> outputs, byte[]... attributes) {
        return field(
                1,
                message(out -> {
                    for (String input : inputs) {
                        out.writeString(1, input);
                    }
                    for (String output : outputs) {
                        out.writeString(2, output);
                    }
                    out.writeString(4, operator);
                    for (byte[] attribute : attributes) {
                        out.writeByteArray(5, attribute);
                    }
                }));
    }

    public static byte[] graphAttribute(String name, byte[] graph) {
        return message(out -> {
            out.writeString(1, name);
            out.writeByteArray(6, graph);
            out.writeEnum(20, 5);
        });
    }

    public static byte[] intAttribute(String name, long value) {
        return message(out -> {
            out.writeString(1, name);
            out.writeInt64(3, value);
            out.writeEnum(20, 2);
        });
    }

    public static byte[] intsAttribute(String name, long... values) {
        return message(out -> {
            out.writeString(1, name);
            for (long value : values) {
                out.writeInt64(8, value);
            }
            out.writeEnum(20, 7);
        });
    }

    public OnnxModel inline(String name, int type, byte[] raw, long... shape) {
        return field(
                5,
                message(out -> {
                    dims(out, shape);
                    out.writeInt32(2, type);
                    out.writeString(8, name);
                    out.writeByteArray(9, raw);
                }));
    }

    public OnnxModel external(
            String name, int type, String file, String offset, String length, long... shape) {
        return field(
                5,
                message(out -> {
                    dims(out, shape);
                    out.writeInt32(2, type);
                    out.writeString(8, name);
                    out.writeByteArray(13, entry("location", file));
                    out.writeByteArray(13, entry("offset", offset));
                    if (!length.isEmpty()) {
                        out.writeByteArray(13, entry("length", length));
                    }
                    out.writeEnum(14, 1);
                }));
    }

    public byte[] graphBytes() {
        return message(out -> {
            out.writeRawBytes(graph.toByteArray());
            out.writeString(2, "test");
        });
    }

    public byte[] bytes() {
        return message(out -> {
            out.writeInt64(1, IR_VERSION);
            out.writeByteArray(7, graphBytes());
            out.writeByteArray(8, message(opset -> opset.writeInt64(2, OPSET)));
        });
    }

    private OnnxModel field(int number, byte[] content) {
        graph.writeBytes(message(out -> out.writeByteArray(number, content)));
        return this;
    }

    private static void dims(CodedOutputStream out, long[] shape) throws IOException {
        for (long size : shape) {
            out.writeInt64(1, size);
        }
    }

    private static byte[] entry(String key, String value) {
        return message(out -> {
            out.writeString(1, key);
            out.writeBytes(2, ByteString.copyFrom(value, StandardCharsets.UTF_8));
        });
    }

    private static byte[] valueInfo(String name, int type, long[] shape) {
        byte[] sizes =
                message(out -> {
                    for (int i = 0; i < shape.length; i++) {
                        long size = shape[i];
                        String symbol = "d" + i;
                        out.writeByteArray(
                                1,
                                message(dim -> {
                                    if (size < 0) {
                                        dim.writeString(2, symbol);
                                    } else {
                                        dim.writeInt64(1, size);
                                    }
                                }));
                    }
                });
        byte[] tensor =
                message(out -> {
                    out.writeInt32(1, type);
                    out.writeByteArray(2, sizes);
                });
        return message(out -> {
            out.writeString(1, name);
            out.writeByteArray(2, message(kind -> kind.writeByteArray(1, tensor)));
        });
    }

    private static byte[] message(Fields fields) {
        var bytes = new ByteArrayOutputStream();
        var out = CodedOutputStream.newInstance(bytes);
        try {
            fields.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
