package dev.strongroom.client.prepare;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Random;

/** Writes small real ONNX models, field by field, so that each test controls what is odd. */
final class TinyOnnx {
    static final int SIDE = 64;

    private TinyOnnx() {}

    /** {@code y = x · w} with the weights inside. */
    static byte[] inline() {
        return model(tensor("w", out -> out.writeByteArray(9, weights())), "");
    }

    /**
     * The same, as a file with so many columns of zeros inside, which take no room on disk.
     *
     * @param columns of which the weights have {@value #SIDE} numbers each
     */
    static Path inline(Path file, long columns) throws IOException {
        long weights = SIDE * columns * Float.BYTES;
        byte[] tensor =
                message(out -> {
                    out.writeInt64(1, SIDE);
                    out.writeInt64(1, columns);
                    out.writeInt32(2, 1);
                    out.writeString(8, "w");
                    out.writeTag(9, 2);
                    out.writeUInt64NoTag(weights);
                });
        byte[] graph =
                message(out -> {
                    out.writeByteArray(1, node(""));
                    out.writeString(2, "tiny");
                    out.writeByteArray(11, value("x", SIDE));
                    out.writeByteArray(12, value("y", columns));
                    out.writeTag(5, 2);
                    out.writeUInt64NoTag(tensor.length + weights);
                    out.writeRawBytes(tensor);
                });
        byte[] model =
                message(out -> {
                    out.writeInt64(1, 8);
                    out.writeByteArray(8, opset());
                    out.writeTag(7, 2);
                    out.writeUInt64NoTag(graph.length + weights);
                    out.writeRawBytes(graph);
                });
        try (var whole = new RandomAccessFile(file.toFile(), "rw")) {
            whole.write(model);
            whole.setLength(model.length + weights);
        }
        return file;
    }

    /** The same with the weights in another file. */
    static byte[] external(String location) {
        return model(tensor("w", external(location, "0", Integer.toString(bytes()))), "");
    }

    /** The same with a tensor of so many bytes, as far as the graph says. */
    static byte[] external(String location, long bytes) {
        return model(tensor("w", external(location, "0", Long.toString(bytes))), "");
    }

    /** An external tensor hidden in the branch of a control-flow node. */
    static byte[] externalInSubgraph(String location) {
        byte[] hidden = tensor("c", external(location, "0", "4"));
        byte[] subgraph = message(out -> out.writeByteArray(5, hidden));
        byte[] attribute = message(out -> out.writeByteArray(6, subgraph));
        byte[] node = message(out -> out.writeByteArray(5, attribute));
        byte[] graph = message(out -> out.writeByteArray(1, node));
        return message(out -> {
            out.writeInt64(1, 9);
            out.writeByteArray(7, graph);
        });
    }

    static byte[] withDomain(String domain) {
        return model(tensor("w", out -> out.writeByteArray(9, weights())), domain);
    }

    static byte[] weights() {
        var random = new Random(7);
        var buffer = ByteBuffer.allocate(bytes()).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            buffer.putFloat(random.nextFloat());
        }
        return buffer.array();
    }

    static int bytes() {
        return SIDE * SIDE * Float.BYTES;
    }

    private static byte[] model(byte[] initializer, String domain) {
        byte[] graph =
                message(out -> {
                    out.writeByteArray(1, node(domain));
                    out.writeString(2, "tiny");
                    out.writeByteArray(5, initializer);
                    out.writeByteArray(11, value("x", SIDE));
                    out.writeByteArray(12, value("y", SIDE));
                });
        return message(out -> {
            out.writeInt64(1, 8);
            out.writeByteArray(7, graph);
            out.writeByteArray(8, opset());
        });
    }

    private static byte[] node(String domain) {
        return message(out -> {
            out.writeString(1, "x");
            out.writeString(1, "w");
            out.writeString(2, "y");
            out.writeString(4, "MatMul");
            out.writeString(7, domain);
        });
    }

    private static byte[] opset() {
        return message(out -> out.writeInt64(2, 17));
    }

    private static byte[] value(String name, long columns) {
        byte[] batch = message(out -> out.writeString(2, "n"));
        byte[] side = message(out -> out.writeInt64(1, columns));
        byte[] shape =
                message(out -> {
                    out.writeByteArray(1, batch);
                    out.writeByteArray(1, side);
                });
        byte[] tensorType =
                message(out -> {
                    out.writeInt32(1, 1);
                    out.writeByteArray(2, shape);
                });
        byte[] type = message(out -> out.writeByteArray(1, tensorType));
        return message(out -> {
            out.writeString(1, name);
            out.writeByteArray(2, type);
        });
    }

    private static byte[] tensor(String name, Fields data) {
        return message(out -> {
            out.writeInt64(1, SIDE);
            out.writeInt64(1, SIDE);
            out.writeInt32(2, 1);
            out.writeString(8, name);
            data.writeTo(out);
        });
    }

    private static Fields external(String location, String offset, String length) {
        return out -> {
            out.writeByteArray(13, entry("location", location));
            out.writeByteArray(13, entry("offset", offset));
            out.writeByteArray(13, entry("length", length));
            out.writeEnum(14, 1);
        };
    }

    private static byte[] entry(String key, String value) {
        return message(out -> {
            out.writeString(1, key);
            out.writeBytes(2, ByteString.copyFromUtf8(value));
        });
    }

    private static byte[] message(Fields fields) {
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

    private interface Fields {
        void writeTo(CodedOutputStream out) throws IOException;
    }
}
