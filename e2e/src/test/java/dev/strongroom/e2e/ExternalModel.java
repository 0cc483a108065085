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

/**
 * A {@link TinyModel} whose weights are in a file beside it, together with a tensor of any size
 * that nothing uses: {@code y = x · w}.
 */
final class ExternalModel {
    private static final String WEIGHTS = "weights.bin";
    private static final int SIDE = TinyModel.SIDE;
    private static final long USED_BYTES = (long) SIDE * SIDE * Float.BYTES;
    private static final int EXTERNAL = 1; // TensorProto.DataLocation
    private static final long TENSOR_BYTES = 1L << 30; // ONNX Runtime indexes one with an int

    private ExternalModel() {}

    /**
     * Writes one into a new folder.
     *
     * @param bytes size of the weights file; all but the first 16 KiB are a hole of zeros
     */
    static Path write(Path folder, long seed, long bytes) throws IOException {
        Files.createDirectories(folder);
        Path weights = folder.resolve(WEIGHTS);
        try (var file = new RandomAccessFile(weights.toFile(), "rw")) {
            file.setLength(bytes);
        }
        ByteBuffer used = ByteBuffer.allocate((int) USED_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        used.asFloatBuffer().put(TinyModel.weights(seed));
        try (var channel = FileChannel.open(weights, StandardOpenOption.WRITE)) {
            channel.write(used, 0);
        }
        Files.write(folder.resolve("model.onnx"), model(bytes));
        return folder;
    }

    private static byte[] model(long bytes) {
        byte[] node =
                TinyModel.message(out -> {
                    out.writeString(1, "x");
                    out.writeString(1, "w");
                    out.writeString(2, "y");
                    out.writeString(4, "MatMul");
                });
        byte[] graph =
                TinyModel.message(out -> {
                    out.writeByteArray(1, node);
                    out.writeString(2, "external");
                    out.writeByteArray(5, tensor("w", 0, SIDE, SIDE));
                    for (long at = USED_BYTES; at < bytes; at += TENSOR_BYTES) {
                        long length = Math.min(TENSOR_BYTES, bytes - at);
                        out.writeByteArray(5, tensor("unused" + at, at, length / Float.BYTES));
                    }
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
