package dev.strongroom.redteam;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Reads the IDX files that MNIST and its relatives come in, gzipped or not. */
final class Idx {
    private static final int IMAGES = 0x803;
    private static final int LABELS = 0x801;
    private static final int MAX_ROWS = 1_000_000;
    private static final int SIDE = 28;

    private Idx() {}

    /** Pixels from 0 to 1, each the mean of a square of four: 14 by 14. */
    static List<float[]> pooledImages(Path file) throws IOException {
        try (var in = open(file)) {
            int count = header(in, file, IMAGES);
            int rows = in.readInt();
            int columns = in.readInt();
            if (rows != SIDE || columns != SIDE) {
                throw new IOException(file + ": expected images of 28 by 28 pixels");
            }
            List<float[]> images = new ArrayList<>();
            var bytes = new byte[SIDE * SIDE];
            for (int row = 0; row < count; row++) {
                in.readFully(bytes);
                images.add(pool(bytes));
            }
            return images;
        }
    }

    static List<Integer> labels(Path file) throws IOException {
        try (var in = open(file)) {
            int count = header(in, file, LABELS);
            List<Integer> labels = new ArrayList<>();
            for (int row = 0; row < count; row++) {
                labels.add(in.readUnsignedByte());
            }
            return labels;
        }
    }

    private static int header(DataInputStream in, Path file, int magic) throws IOException {
        if (in.readInt() != magic) {
            throw new IOException(file + ": no IDX file of the expected kind");
        }
        int count = in.readInt();
        if (count < 0 || count > MAX_ROWS) {
            throw new IOException(file + ": expected at most " + MAX_ROWS + " rows");
        }
        return count;
    }

    private static float[] pool(byte[] pixels) {
        int side = SIDE / 2;
        var pooled = new float[side * side];
        for (int row = 0; row < SIDE; row++) {
            for (int column = 0; column < SIDE; column++) {
                int value = Byte.toUnsignedInt(pixels[row * SIDE + column]);
                pooled[row / 2 * side + column / 2] += value / 1020f;
            }
        }
        return pooled;
    }

    private static DataInputStream open(Path file) throws IOException {
        InputStream in = Files.newInputStream(file);
        if (file.toString().endsWith(".gz")) {
            in = new GZIPInputStream(in);
        }
        return new DataInputStream(new BufferedInputStream(in, 1 << 16));
    }
}
