package dev.strongroom.redteam;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes a perceptron as ONNX, with the field numbers of onnx.proto: {@code x} in, {@code p} out.
 */
final class OnnxExport {
    private static final int IR_VERSION = 8;
    private static final int OPSET = 17;
    private static final int FLOAT = 1;

    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    private OnnxExport() {}

    static byte[] model(Mlp model) {
        byte[] graph = message(out -> writeGraph(out, model));
        byte[] opset = message(out -> out.writeInt64(2, OPSET));
        return message(out -> {
            out.writeInt64(1, IR_VERSION);
            out.writeByteArray(7, graph);
            out.writeByteArray(8, opset);
        });
    }

    private static void writeGraph(CodedOutputStream out, Mlp model) throws IOException {
        String last = "x";
        if (model.hidden > 0) {
            node(out, "Gemm", "a", "x", "w1", "b1");
            node(out, "Relu", "h", "a");
            last = "h";
        }
        node(out, "Gemm", "z", last, "w2", "b2");
        node(out, "Softmax", "p", "z");
        out.writeString(2, "perceptron");
        int width = model.hidden == 0 ? model.inputs : model.hidden;
        if (model.hidden > 0) {
            tensor(out, "w1", model.first, model.inputs, model.hidden);
            tensor(out, "b1", model.firstBias, model.hidden);
        }
        tensor(out, "w2", model.second, width, model.outputs);
        tensor(out, "b2", model.secondBias, model.outputs);
        out.writeByteArray(11, value("x", model.inputs));
        out.writeByteArray(12, value("p", model.outputs));
    }

    private static void node(CodedOutputStream graph, String kind, String to, String... from)
            throws IOException {
        graph.writeByteArray(
                1,
                message(out -> {
                    for (String input : from) {
                        out.writeString(1, input);
                    }
                    out.writeString(2, to);
                    out.writeString(4, kind);
                }));
    }

    private static void tensor(CodedOutputStream graph, String name, float[] values, int... shape)
            throws IOException {
        var raw = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        graph.writeByteArray(
                5,
                message(out -> {
                    for (int size : shape) {
                        out.writeInt64(1, size);
                    }
                    out.writeInt32(2, FLOAT);
                    out.writeBytes(8, ByteString.copyFrom(name, StandardCharsets.UTF_8));
                    out.writeByteArray(9, raw.array());
                }));
    }

    /** Rows without a fixed number. */
    private static byte[] value(String name, int width) {
        byte[] rows = message(out -> out.writeString(2, "rows"));
        byte[] columns = message(out -> out.writeInt64(1, width));
        byte[] shape =
                message(out -> {
                    out.writeByteArray(1, rows);
                    out.writeByteArray(1, columns);
                });
        byte[] tensor =
                message(out -> {
                    out.writeInt32(1, FLOAT);
                    out.writeByteArray(2, shape);
                });
        byte[] type = message(out -> out.writeByteArray(1, tensor));
        return message(out -> {
            out.writeString(1, name);
            out.writeByteArray(2, type);
        });
    }

    private static byte[] message(Fields fields) {
        var bytes = new ByteArrayOutputStream();
        try {
            var out = CodedOutputStream.newInstance(bytes);
            fields.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
