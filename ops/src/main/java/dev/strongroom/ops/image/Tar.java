package dev.strongroom.ops.image;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;

/**
 * POSIX ustar archives of a {@link FileTree}: the same tree gives the same bytes.
 *
 * <p>Reads back what it writes and nothing more: no links, no extensions, no path that leads out.
 */
final class Tar {
    private static final int BLOCK = 512;
    private static final int NAME = 100;
    private static final int PREFIX_AT = 345;
    private static final int PREFIX = 155;
    private static final int OCTAL = 8;
    private static final byte[] MAGIC = "ustar\00000".getBytes(StandardCharsets.US_ASCII);
    private static final int MAGIC_AT = 257;
    private static final int CHECKSUM_AT = 148;
    private static final int MODE_AT = 100;
    private static final int SIZE_AT = 124;
    private static final int TYPE_AT = 156;

    private Tar() {}

    static void write(FileTree tree, Path to) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(to), 1 << 20)) {
            for (FileTree.Entry entry : tree.entries()) {
                out.write(header(entry));
                if (entry instanceof FileTree.Regular file) {
                    Files.copy(file.source(), out);
                    out.write(new byte[padding(file.bytes())]);
                }
            }
            out.write(new byte[2 * BLOCK]);
        }
    }

    private static int padding(long bytes) {
        return (int) ((BLOCK - bytes % BLOCK) % BLOCK);
    }

    private static byte[] header(FileTree.Entry entry) throws IOException {
        boolean folder = entry instanceof FileTree.Folder;
        var header = ByteBuffer.allocate(BLOCK);
        putName(header, folder ? entry.path() + "/" : entry.path());
        putOctal(header, MODE_AT, 8, entry.mode());
        putOctal(header, 108, 8, 0); // user
        putOctal(header, 116, 8, 0); // group
        putOctal(header, SIZE_AT, 12, entry instanceof FileTree.Regular f ? f.bytes() : 0);
        putOctal(header, 136, 12, ImageBuilder.MOMENT.getEpochSecond());
        header.put(TYPE_AT, (byte) (folder ? '5' : '0'));
        header.put(MAGIC_AT, MAGIC);
        header.put(CHECKSUM_AT, "        ".getBytes(StandardCharsets.US_ASCII));
        header.put(
                CHECKSUM_AT,
                "%06o\0 ".formatted(sum(header.array())).getBytes(StandardCharsets.US_ASCII));
        return header.array();
    }

    private static void putName(ByteBuffer header, String path) throws IOException {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        if (name.length <= NAME) {
            header.put(0, name);
            return;
        }
        for (int slash = Math.min(PREFIX, name.length - 2); slash > 0; slash--) {
            if (name[slash] == '/' && name.length - slash - 1 <= NAME) {
                header.put(PREFIX_AT, name, 0, slash);
                header.put(0, name, slash + 1, name.length - slash - 1);
                return;
            }
        }
        throw new IOException(path + ": a path of at most 255 bytes was expected");
    }

    private static void putOctal(ByteBuffer header, int at, int width, long value) {
        String digits = Long.toOctalString(value);
        header.put(
                at,
                ("0".repeat(width - 1 - digits.length()) + digits)
                        .getBytes(StandardCharsets.US_ASCII));
    }

    private static int sum(byte[] header) {
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xFF;
        }
        return sum;
    }

    /** Unpacks into an empty folder. */
    static void unpack(Path tar, Path into) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(tar), 1 << 20)) {
            for (byte[] header = block(in); header[0] != 0; header = block(in)) {
                unpack(header, in, into, tar);
            }
        }
    }

    private static void unpack(byte[] header, InputStream in, Path into, Path tar)
            throws IOException {
        if (!Arrays.equals(header, MAGIC_AT, MAGIC_AT + MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new IOException(tar + ": not a ustar archive as image build writes it");
        }
        String prefix = text(header, PREFIX_AT, PREFIX);
        String name = (prefix.isEmpty() ? "" : prefix + "/") + text(header, 0, NAME);
        Path path = into.resolve(name).normalize();
        if (!path.startsWith(into) || path.equals(into)) {
            throw new IOException(tar + ": " + name + " leads out of the folder");
        }
        switch (header[TYPE_AT]) {
            case '5' -> Files.createDirectory(path);
            case '0' -> file(header, in, path);
            default -> throw new IOException(tar + ": " + name + " is no file and no folder");
        }
        String permissions = (octal(header, MODE_AT, 8) & 0111) == 0 ? "rw-r--r--" : "rwxr-xr-x";
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    private static void file(byte[] header, InputStream in, Path path) throws IOException {
        long size = octal(header, SIZE_AT, 12);
        try (OutputStream out = Files.newOutputStream(path)) {
            byte[] buffer = new byte[1 << 16];
            for (long left = size; left > 0; ) {
                int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (read < 0) {
                    throw new IOException(path + ": the archive ends within it");
                }
                out.write(buffer, 0, read);
                left -= read;
            }
        }
        in.skipNBytes(padding(size));
    }

    private static byte[] block(InputStream in) throws IOException {
        byte[] block = in.readNBytes(BLOCK);
        if (block.length < BLOCK) {
            throw new IOException("the archive ends without its last blocks");
        }
        return block;
    }

    private static String text(byte[] header, int at, int length) {
        int end = at;
        while (end < at + length && header[end] != 0) {
            end++;
        }
        return new String(header, at, end - at, StandardCharsets.UTF_8);
    }

    private static long octal(byte[] header, int at, int length) throws IOException {
        try {
            return Long.parseLong(text(header, at, length).strip(), OCTAL);
        } catch (NumberFormatException e) {
            throw new IOException("the archive has a header with a number that is none", e);
        }
    }
}
