package dev.strongroom.client.prepare;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Writes small real ONNX models, field by field, so that each test controls what is odd. */
final class TinyOnnx {
    static final int SIDE = 64;

    private TinyOnnx() {}

    /** {@code y = x · w} with the weights inside. */
    static byte[] inline() {
        return model(tensor("w", out -> out.writeByteArray(9, weights())), "");
    }

    /** The same with the weights in another file. */
    static byte[] external(String location) {
        return model(tensor("w", external(location, "0", Integer.toString(bytes()))), "");
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
        byte[] node =
                message(out -> {
                    out.writeString(1, "x");
                    out.writeString(1, "w");
                    out.writeString(2, "y");
                    out.writeString(4, "MatMul");
                    out.writeString(7, domain);
                });
        byte[] graph =
                message(out -> {
                    out.writeByteArray(1, node);
                    out.writeString(2, "tiny");
                    out.writeByteArray(5, initializer);
                    out.writeByteArray(11, value("x"));
                    out.writeByteArray(12, value("y"));
                });
        byte[] opset = message(out -> out.writeInt64(2, 17));
        return message(out -> {
            out.writeInt64(1, 8);
            out.writeByteArray(7, graph);
            out.writeByteArray(8, opset);
        });
    }

    private static byte[] value(String name) {
        byte[] batch = message(out -> out.writeString(2, "n"));
        byte[] side = message(out -> out.writeInt64(1, SIDE));
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
