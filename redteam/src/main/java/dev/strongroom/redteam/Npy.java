package dev.strongroom.redteam;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rows of float32 in a NumPy file: little-endian, C order; any shape after the first is read. */
final class Npy {
    private static final long MAX_BYTES = 4L << 30;
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final Pattern HEADER =
            Pattern.compile(
                    "\\{'descr': '<f4', 'fortran_order': False, 'shape': \\(([0-9, ]+)\\), *\\}\\s*");

    private Npy() {}

    static List<float[]> rows(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + ": larger than 4 GiB");
        }
        var bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int[] shape = shape(file, bytes);
        int width = 1;
        for (int at = 1; at < shape.length; at++) {
            width = Math.multiplyExact(width, shape[at]);
        }
        if (bytes.remaining() != (long) shape[0] * width * Float.BYTES) {
            throw new IOException(file + ": its length does not fit its shape");
        }
        List<float[]> rows = new ArrayList<>();
        for (int row = 0; row < shape[0]; row++) {
            var values = new float[width];
            bytes.asFloatBuffer().get(values);
            bytes.position(bytes.position() + width * Float.BYTES);
            rows.add(values);
        }
        return rows;
    }

    static void write(Path file, List<float[]> rows) throws IOException {
        int width = rows.getFirst().length;
        String header =
                "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }\n"
                        .formatted(rows.size(), width);
        long size = 10L + header.length() + (long) rows.size() * width * Float.BYTES;
        var bytes = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) header.length());
        bytes.put(header.getBytes(StandardCharsets.US_ASCII));
        for (float[] row : rows) {
            for (float value : row) {
                bytes.putFloat(value);
            }
        }
        Files.write(file, bytes.array());
    }

    private static int[] shape(Path file, ByteBuffer bytes) throws IOException {
        var magic = new byte[MAGIC.length];
        if (bytes.remaining() < 12) {
            throw new IOException(file + ": no NumPy file");
        }
        bytes.get(magic);
        int version = bytes.getShort() & 0xff;
        if (!java.util.Arrays.equals(magic, MAGIC)) {
            throw new IOException(file + ": no NumPy file");
        }
        int length = version == 1 ? bytes.getShort() & 0xffff : bytes.getInt();
        if (length < 0 || length > bytes.remaining()) {
            throw new IOException(file + ": its header is cut off");
        }
        var header = new byte[length];
        bytes.get(header);
        Matcher matcher = HEADER.matcher(new String(header, StandardCharsets.US_ASCII));
        if (!matcher.matches()) {
            throw new IOException(
                    file + ": expected float32 in C order; save it with astype('<f4')");
        }
        String[] sizes = matcher.group(1).replace(" ", "").split(",", -1);
        int count = sizes.length - (sizes[sizes.length - 1].isEmpty() ? 1 : 0); // "(5,)"
        var shape = new int[count];
        for (int at = 0; at < count; at++) {
            shape[at] = Integer.parseInt(sizes[at]);
        }
        return shape;
    }
}
