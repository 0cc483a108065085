package dev.strongroom.bench.load;

import com.google.protobuf.CodedOutputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A chain of square matrix multiplications as an ONNX model, with weights in the file or beside it.
 * Field numbers are those of onnx.proto.
 */
public final class SyntheticModel {
    static final int SIDE = 4096;
    public static final long LAYER_BYTES = (long) SIDE * SIDE * Float.BYTES; // 64 MiB
    static final String WEIGHTS = "weights.bin";

    private static final int FLOAT = 1;
    private static final int IR_VERSION = 8;
    private static final int OPSET = 17;

    private final int layers;
    private final ByteBuffer weights = weights();

    public SyntheticModel(int layers) {
        this.layers = layers;
    }

    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    /** Graph and weights apart, as a prepared version has them. */
    Path external(Path folder) throws IOException {
        Files.createDirectories(folder);
        try (var out =
                FileChannel.open(
                        folder.resolve(WEIGHTS),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE)) {
            for (int layer = 0; layer < layers; layer++) {
                write(out, weights(layer));
            }
        }
        byte[] graph =
                message(out -> {
                    graph(out);
                    for (int layer = 0; layer < layers; layer++) {
                        out.writeByteArray(5, externalTensor(layer));
                    }
                });
        return Files.write(folder.resolve("model.onnx"), model(graph));
    }

    /** One file; at most 2 GiB, which is all that protobuf can. */
    public Path inline(Path file) throws IOException {
        byte[] graph = message(this::graph);
        long tensor =
                (long) message(out -> tensorHead(out, 0)).length + tagAndLength(9, LAYER_BYTES);
        long tensors = layers * (tensor + LAYER_BYTES + tagAndLength(5, tensor + LAYER_BYTES));
        try (OutputStream stream = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            CodedOutputStream out = CodedOutputStream.newInstance(stream);
            modelHead(out);
            out.writeTag(7, 2);
            out.writeUInt64NoTag(graph.length + tensors);
            out.writeRawBytes(graph);
            for (int layer = 0; layer < layers; layer++) {
                out.writeTag(5, 2);
                out.writeUInt64NoTag(tensor + LAYER_BYTES);
                tensorHead(out, layer);
                out.writeTag(9, 2);
                out.writeUInt64NoTag(LAYER_BYTES);
                out.writeRawBytes(weights(layer));
            }
            out.flush();
        }
        return file;
    }

    /** The same for every layer but for one number, and small, so that nothing overflows. */
    private ByteBuffer weights(int layer) {
        return weights.putFloat(0, layer * 0x1p-31f).rewind();
    }

    private static ByteBuffer weights() {
        var bytes =
                ByteBuffer.allocate(Math.toIntExact(LAYER_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        int state = 0x9E3779B9;
        while (bytes.hasRemaining()) {
            state = state * 1664525 + 1013904223;
            bytes.putFloat((state >> 8) * 0x1p-31f);
        }
        return bytes.flip();
    }

    private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    private static byte[] model(byte[] graph) {
        return message(out -> {
            modelHead(out);
            out.writeByteArray(7, graph);
        });
    }

    private static void modelHead(CodedOutputStream out) throws IOException {
        out.writeInt64(1, IR_VERSION);
        out.writeByteArray(8, message(opset -> opset.writeInt64(2, OPSET)));
    }

    private void graph(CodedOutputStream out) throws IOException {
        for (int layer = 0; layer < layers; layer++) {
            String input = "x" + layer;
            String weight = weight(layer);
            String output = layer == layers - 1 ? "y" : "x" + (layer + 1);
            out.writeByteArray(
                    1,
                    message(node -> {
                        node.writeString(1, input);
                        node.writeString(1, weight);
                        node.writeString(2, output);
                        node.writeString(4, "MatMul");
                    }));
        }
        out.writeString(2, "chain");
        out.writeByteArray(11, value("x0"));
        out.writeByteArray(12, value("y"));
    }

    private static byte[] value(String name) {
        byte[] shape =
                message(out -> {
                    out.writeByteArray(1, message(rows -> rows.writeString(2, "rows")));
                    out.writeByteArray(1, message(columns -> columns.writeInt64(1, SIDE)));
                });
        byte[] tensor =
                message(out -> {
                    out.writeInt32(1, FLOAT);
                    out.writeByteArray(2, shape);
                });
        return message(out -> {
            out.writeString(1, name);
            out.writeByteArray(2, message(type -> type.writeByteArray(1, tensor)));
        });
    }

    private static byte[] externalTensor(int layer) {
        return message(out -> {
            tensorHead(out, layer);
            out.writeByteArray(13, entry("location", WEIGHTS));
            out.writeByteArray(13, entry("offset", Long.toString(layer * LAYER_BYTES)));
            out.writeByteArray(13, entry("length", Long.toString(LAYER_BYTES)));
            out.writeEnum(14, 1);
        });
    }

    /** As long for every layer. */
    private static void tensorHead(CodedOutputStream out, int layer) throws IOException {
        out.writeInt64(1, SIDE);
        out.writeInt64(1, SIDE);
        out.writeInt32(2, FLOAT);
        out.writeString(8, weight(layer));
    }

    private static String weight(int layer) {
        return "w%02d".formatted(layer);
    }

    private static byte[] entry(String key, String value) {
        return message(out -> {
            out.writeString(1, key);
            out.writeString(2, value);
        });
    }

    private static int tagAndLength(int field, long length) {
        return CodedOutputStream.computeTagSize(field)
                + CodedOutputStream.computeUInt64SizeNoTag(length);
    }

    private static byte[] message(Fields fields) {
        var bytes = new ByteArrayOutputStream();
        try {
            var out = CodedOutputStream.newInstance(bytes);
            fields.write(out);
            out.flush();
        } catch (IOException e) {
            throw new IllegalStateException("in memory", e);
        }
        return bytes.toByteArray();
    }
}
