package dev.strongroom.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The model that Triton's example clients ask: sum and difference of two rows of 16 integers. */
final class SimpleModel {
    private static final int SIDE = 16;
    private static final int INT32 = 6; // TensorProto.DataType

    private SimpleModel() {}

    static Path write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        return Files.write(file, bytes());
    }

    private static byte[] bytes() {
        byte[] graph =
                TinyModel.message(out -> {
                    out.writeByteArray(1, node("Add", "OUTPUT0"));
                    out.writeByteArray(1, node("Sub", "OUTPUT1"));
                    out.writeString(2, "simple");
                    out.writeByteArray(11, port("INPUT0"));
                    out.writeByteArray(11, port("INPUT1"));
                    out.writeByteArray(12, port("OUTPUT0"));
                    out.writeByteArray(12, port("OUTPUT1"));
                });
        byte[] opset = TinyModel.message(out -> out.writeInt64(2, TinyModel.OPSET));
        return TinyModel.message(out -> {
            out.writeInt64(1, TinyModel.IR_VERSION);
            out.writeByteArray(7, graph);
            out.writeByteArray(8, opset);
        });
    }

    private static byte[] node(String operator, String output) {
        return TinyModel.message(out -> {
            out.writeString(1, "INPUT0");
            out.writeString(1, "INPUT1");
            out.writeString(2, output);
            out.writeString(4, operator);
        });
    }

    /** Any number of rows. */
    private static byte[] port(String name) {
        return TinyModel.port(name, INT32, SIDE);
    }
}
