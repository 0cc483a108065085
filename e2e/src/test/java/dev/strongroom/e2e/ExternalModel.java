package dev.strongroom.e2e;

import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A {@link TinyModel} whose weights are in a file beside it, together with tables of any size:
 * {@code y = x · w + table[argmax x] + …}. All tables are zeros but the last, which has ones where
 * it is looked up, so that an answer shows that the end of the file is there.
 */
final class ExternalModel {
    private static final String WEIGHTS = "weights.bin";
    private static final int SIDE = TinyModel.SIDE;
    private static final long USED_BYTES = (long) SIDE * SIDE * Float.BYTES;
    private static final int EXTERNAL = 1; // TensorProto.DataLocation
    private static final int INTEGER = 2; // AttributeProto.AttributeType
    private static final long TABLE_BYTES = 1L << 30; // a tensor on a node has less than 2 GiB

    private ExternalModel() {}

    /**
     * Writes one into a new folder.
     *
     * @param bytes size of the weights file, in steps of 256; all but 32 KiB are a hole of zeros
     */
    static Path write(Path folder, long seed, long bytes) throws IOException {
        Files.createDirectories(folder);
        Path weights = folder.resolve(WEIGHTS);
        try (var file = new RandomAccessFile(weights.toFile(), "rw")) {
            file.setLength(bytes);
        }
        float[] ones = new float[SIDE * SIDE];
        Arrays.fill(ones, 1);
        try (var channel = FileChannel.open(weights, StandardOpenOption.WRITE)) {
            channel.write(littleEndian(TinyModel.weights(seed)), 0);
            channel.write(littleEndian(ones), tables(bytes).getLast().offset());
        }
        Files.write(folder.resolve("model.onnx"), model(bytes));
        return folder;
    }

    /** What the model answers for one row. */
    static float[] expected(float[] row, long seed) {
        float[] answer = TinyModel.expected(row, seed);
        for (int i = 0; i < answer.length; i++) {
            answer[i]++;
        }
        return answer;
    }

    private record Table(long offset, long bytes) {}

    private static List<Table> tables(long bytes) {
        List<Table> tables = new ArrayList<>();
        for (long at = USED_BYTES; at < bytes; at += TABLE_BYTES) {
            tables.add(new Table(at, Math.min(TABLE_BYTES, bytes - at)));
        }
        return tables;
    }

    private static ByteBuffer littleEndian(float[] values) {
        ByteBuffer bytes =
                ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes;
    }

    private static byte[] model(long bytes) {
        List<Table> tables = tables(bytes);
        byte[] graph =
                TinyModel.message(out -> {
                    out.writeByteArray(1, node("MatMul", "sum0", "x", "w"));
                    out.writeByteArray(1, lookUp());
                    out.writeByteArray(5, tensor("w", 0, SIDE, SIDE));
                    for (int i = 0; i < tables.size(); i++) {
                        Table table = tables.get(i);
                        String next = i == tables.size() - 1 ? "y" : "sum" + (i + 1);
                        out.writeByteArray(1, node("Gather", "row" + i, "table" + i, "index"));
                        out.writeByteArray(1, node("Add", next, "sum" + i, "row" + i));
                        long rows = table.bytes() / (SIDE * Float.BYTES);
                        out.writeByteArray(5, tensor("table" + i, table.offset(), rows, SIDE));
                    }
                    out.writeString(2, "external");
                    out.writeByteArray(11, TinyModel.port("x"));
                    out.writeByteArray(12, TinyModel.port("y"));
                });
        byte[] opset = TinyModel.message(out -> out.writeInt64(2, TinyModel.OPSET));
        return TinyModel.message(out -> {
            out.writeInt64(1, TinyModel.IR_VERSION);
            out.writeByteArray(7, graph);
            out.writeByteArray(8, opset);
        });
    }

    /** Which row of the tables: where x is largest. */
    private static byte[] lookUp() {
        byte[] node = node("ArgMax", "index", "x");
        return TinyModel.message(out -> {
            out.writeRawBytes(node);
            out.writeByteArray(5, attribute("axis", 1));
            out.writeByteArray(5, attribute("keepdims", 0));
        });
    }

    private static byte[] attribute(String name, int value) {
        return TinyModel.message(out -> {
            out.writeString(1, name);
            out.writeInt64(3, value);
            out.writeEnum(20, INTEGER);
        });
    }

    private static byte[] node(String operator, String output, String... inputs) {
        return TinyModel.message(out -> {
            for (String input : inputs) {
                out.writeString(1, input);
            }
            out.writeString(2, output);
            out.writeString(4, operator);
        });
    }

    private static byte[] tensor(String name, long offset, long... shape) {
        return TinyModel.message(out -> {
            long elements = 1;
            for (long size : shape) {
                out.writeInt64(1, size);
                elements *= size;
            }
            out.writeInt32(2, TinyModel.FLOAT);
            out.writeString(8, name);
            place(out, "location", WEIGHTS);
            place(out, "offset", Long.toString(offset));
            place(out, "length", Long.toString(elements * Float.BYTES));
            out.writeEnum(14, EXTERNAL);
        });
    }

    private static void place(CodedOutputStream out, String key, String value) throws IOException {
        out.writeByteArray(
                13,
                TinyModel.message(entry -> {
                    entry.writeString(1, key);
                    entry.writeString(2, value);
                }));
    }
}
