package dev.strongroom.e2e;

import static dev.strongroom.e2e.TinyModel.FLOAT;
import static dev.strongroom.e2e.TinyModel.message;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A decoder whose next token is the sum of all before it, modulo its vocabulary: what is kept of
 * earlier tokens decides. Its inputs and outputs are those that Hugging Face's optimum exports.
 */
final class SummingDecoder {
    static final int VOCABULARY = 50;
    private static final int INT64 = 7;
    private static final String PAST = "past_key_values.0.";
    private static final String PRESENT = "present.0.";

    private static final byte[] NONE = {};
    private static final byte[] AXIS = attribute("axis", 2);
    private static final byte[] NO_DIMS = attribute("keepdims", 0);

    private SummingDecoder() {}

    /** What comes after a prompt. */
    static List<Integer> expected(List<Integer> prompt, int tokens) {
        var sequence = new ArrayList<>(prompt);
        for (int i = 0; i < tokens; i++) {
            int sum = sequence.stream().mapToInt(Integer::intValue).sum();
            sequence.add(sum % VOCABULARY);
        }
        return sequence.subList(prompt.size(), sequence.size());
    }

    static Path write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        byte[] opset = message(out -> out.writeInt64(2, TinyModel.OPSET));
        return Files.write(
                file,
                message(out -> {
                    out.writeInt64(1, TinyModel.IR_VERSION);
                    out.writeByteArray(7, graph());
                    out.writeByteArray(8, opset);
                }));
    }

    private static byte[] graph() {
        return message(out -> {
            List<byte[]> nodes =
                    List.of(
                            node("Cast", "numbers", attribute("to", FLOAT), "input_ids"),
                            node("Unsqueeze", "added", NONE, "numbers", "axes"),
                            node("Concat", PRESENT + "key", AXIS, PAST + "key", "added"),
                            node("Concat", PRESENT + "value", AXIS, PAST + "value", "added"),
                            node("ReduceSum", "sum", NO_DIMS, PRESENT + "value", "tokens"),
                            node("Mod", "next", attribute("fmod", 1), "sum", "size"),
                            node("Sub", "distance", NONE, "every", "next"),
                            node("Abs", "far", NONE, "distance"),
                            node("Neg", "logits", NONE, "far"));
            for (byte[] node : nodes) {
                out.writeByteArray(1, node);
            }
            out.writeString(2, "summing");
            out.writeByteArray(5, tensor("axes", INT64, longs(1, 3), 2));
            out.writeByteArray(5, tensor("tokens", INT64, longs(2), 1));
            out.writeByteArray(5, tensor("size", FLOAT, floats(VOCABULARY)));
            out.writeByteArray(5, tensor("every", FLOAT, everyToken(), VOCABULARY));
            out.writeByteArray(11, port("input_ids", INT64, -1, -1));
            out.writeByteArray(11, port("attention_mask", INT64, -1, -1));
            for (String part : List.of("key", "value")) {
                out.writeByteArray(11, port(PAST + part, FLOAT, -1, 1, -1, 1));
                out.writeByteArray(12, port(PRESENT + part, FLOAT, -1, 1, -1, 1));
            }
            out.writeByteArray(12, port("logits", FLOAT, -1, -1, VOCABULARY));
        });
    }

    private static byte[] node(String operator, String to, byte[] attribute, String... from) {
        return message(out -> {
            for (String input : from) {
                out.writeString(1, input);
            }
            out.writeString(2, to);
            out.writeString(4, operator);
            if (attribute.length > 0) {
                out.writeByteArray(5, attribute);
            }
        });
    }

    private static byte[] attribute(String name, long value) {
        return message(out -> {
            out.writeString(1, name);
            out.writeInt64(3, value);
            out.writeEnum(20, 2);
        });
    }

    private static byte[] tensor(String name, int type, byte[] raw, long... shape) {
        return message(out -> {
            for (long size : shape) {
                out.writeInt64(1, size);
            }
            out.writeInt32(2, type);
            out.writeString(8, name);
            out.writeByteArray(9, raw);
        });
    }

    private static byte[] port(String name, int type, int... sizes) {
        byte[] shape =
                message(out -> {
                    for (int i = 0; i < sizes.length; i++) {
                        int size = sizes[i];
                        String symbol = name + i;
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
                    out.writeByteArray(2, shape);
                });
        return message(out -> {
            out.writeString(1, name);
            out.writeByteArray(2, message(kind -> kind.writeByteArray(1, tensor)));
        });
    }

    private static byte[] longs(long... values) {
        var raw = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(values);
        return raw.array();
    }

    private static byte[] floats(float... values) {
        var raw = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        return raw.array();
    }

    private static byte[] everyToken() {
        var tokens = new float[VOCABULARY];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = i;
        }
        return floats(tokens);
    }
}
