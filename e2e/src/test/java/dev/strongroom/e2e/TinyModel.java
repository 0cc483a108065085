package dev.strongroom.e2e;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** A real ONNX model of 17 kB, {@code y = x · w} with 64 columns, written field by field. */
final class TinyModel {
    static final int SIDE = 64;

    static final int IR_VERSION = 8;
    static final int OPSET = 17;
    static final int FLOAT = 1; // TensorProto.DataType

    /** Writes the fields of a protobuf message. */
    interface Fields {
        void writeTo(CodedOutputStream out) throws IOException;
    }

    private TinyModel() {}

    /** Writes one with random weights; another {@code seed}, another model. */
    static Path write(Path file, long seed) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        return Files.write(file, bytes(seed));
    }

    /** The same with a documentation of so many characters, so that its upload takes longer. */
    static Path writePadded(Path file, long seed, int padding) throws IOException {
        var bytes = new ByteArrayOutputStream();
        bytes.write(bytes(seed));
        var out = CodedOutputStream.newInstance(bytes);
        out.writeString(6, "x".repeat(padding)); // ModelProto.doc_string
        out.flush();
        return Files.write(file, bytes.toByteArray());
    }

    /** The weights, row by row. */
    static float[] weights(long seed) {
        var random = new Random(seed);
        float[] weights = new float[SIDE * SIDE];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.nextFloat(-1, 1);
        }
        return weights;
    }

    /** A random row to ask about. */
    static float[] row(long seed) {
        return Arrays.copyOf(weights(seed), SIDE);
    }

    /** What the model answers for one row. */
    static float[] expected(float[] row, long seed) {
        float[] weights = weights(seed);
        float[] answer = new float[SIDE];
        for (int column = 0; column < SIDE; column++) {
            double sum = 0;
            for (int i = 0; i < SIDE; i++) {
                sum += (double) row[i] * weights[i * SIDE + column];
            }
            answer[column] = (float) sum;
        }
        return answer;
    }

    static byte[] bytes(long seed) {
        return bytes(weights(seed));
    }

    static byte[] bytes(float[] weights) {
        byte[] node =
                message(out -> {
                    out.writeString(1, "x");
                    out.writeString(1, "w");
                    out.writeString(2, "y");
                    out.writeString(4, "MatMul");
                });
        byte[] graph =
                message(out -> {
                    out.writeByteArray(1, node);
                    out.writeString(2, "tiny");
                    out.writeByteArray(5, initialiser(weights));
                    out.writeByteArray(11, port("x"));
                    out.writeByteArray(12, port("y"));
                });
        byte[] opset = message(out -> out.writeInt64(2, OPSET));
        return message(out -> {
            out.writeInt64(1, IR_VERSION);
            out.writeByteArray(7, graph);
            out.writeByteArray(8, opset);
        });
    }

    private static byte[] initialiser(float[] weights) {
        ByteBuffer raw =
                ByteBuffer.allocate(SIDE * SIDE * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(weights);
        return message(out -> {
            out.writeInt64(1, SIDE);
            out.writeInt64(1, SIDE);
            out.writeInt32(2, FLOAT);
            out.writeString(8, "w");
            out.writeByteArray(9, raw.array());
        });
    }

    /** Any number of rows of {@link #SIDE}. */
    static byte[] port(String name) {
        return port(name, FLOAT, SIDE);
    }

    /** Any number of rows of so many columns. */
    static byte[] port(String name, int type, int side) {
        byte[] rows = message(out -> out.writeString(2, "rows"));
        byte[] columns = message(out -> out.writeInt64(1, side));
        byte[] shape =
                message(out -> {
                    out.writeByteArray(1, rows);
                    out.writeByteArray(1, columns);
                });
        byte[] tensor =
                message(out -> {
                    out.writeInt32(1, type);
                    out.writeByteArray(2, shape);
                });
        byte[] kind = message(out -> out.writeByteArray(1, tensor));
        return message(out -> {
            out.writeString(1, name);
            out.writeByteArray(2, kind);
        });
    }

    static byte[] message(Fields fields) {
        var bytes = new ByteArrayOutputStream();
        try {
            var out = CodedOutputStream.newInstance(bytes);
            fields.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
