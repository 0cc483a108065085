package dev.strongroom.ops.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The hash tree of dm-verity over a block image: version 1, SHA-256, blocks of 4096 bytes, no salt
 * (Linux, {@code Documentation/admin-guide/device-mapper/verity.rst}; the on-disk header is
 * cryptsetup's). The same bytes as {@code veritysetup format --salt=- --uuid=…} writes.
 *
 * @param dataBlocks of the image
 * @param root hash, in hex
 */
public record Verity(long dataBlocks, String root) {
    static final int BLOCK_BYTES = 4096;

    /** Fixed, so that the tree depends on the image alone. */
    static final String UUID = "5774726f-6e67-726f-6f6d-000000000001";

    private static final int DIGEST_BYTES = 32;
    private static final int HEADER_BYTES = 512;

    /** A level of the tree: digests one after the other, padded to whole blocks. */
    private record Level(byte[] blocks) {}

    /**
     * Computes the tree of an image.
     *
     * @param image whole blocks
     * @param hashes gets header and tree
     */
    static Verity of(Path image, Path hashes) throws IOException {
        long blocks = Files.size(image) / BLOCK_BYTES;
        if (blocks < 2 || Files.size(image) % BLOCK_BYTES != 0) {
            throw new IOException(image + ": expected two or more whole blocks of 4096 bytes");
        }
        List<Level> levels = new ArrayList<>();
        try (InputStream in = Files.newInputStream(image)) {
            levels.add(level(in, blocks));
        }
        while (levels.getLast().blocks().length > BLOCK_BYTES) {
            levels.add(level(levels.getLast().blocks()));
        }
        try (OutputStream out = Files.newOutputStream(hashes)) {
            out.write(header(blocks));
            for (Level level : levels.reversed()) {
                out.write(level.blocks());
            }
        }
        byte[] root = TreeDigest.sha256().digest(levels.getLast().blocks());
        return new Verity(blocks, HexFormat.of().formatHex(root));
    }

    private static Level level(InputStream in, long blocks) throws IOException {
        byte[] level = room(blocks);
        var digests = ByteBuffer.wrap(level);
        MessageDigest sha256 = TreeDigest.sha256();
        for (long i = 0; i < blocks; i++) {
            digests.put(sha256.digest(in.readNBytes(BLOCK_BYTES)));
        }
        return new Level(level);
    }

    private static Level level(byte[] below) {
        int blocks = below.length / BLOCK_BYTES;
        byte[] level = room(blocks);
        var digests = ByteBuffer.wrap(level);
        MessageDigest sha256 = TreeDigest.sha256();
        for (int i = 0; i < blocks; i++) {
            sha256.update(below, i * BLOCK_BYTES, BLOCK_BYTES);
            digests.put(sha256.digest());
        }
        return new Level(level);
    }

    private static byte[] room(long blocks) {
        long perBlock = BLOCK_BYTES / DIGEST_BYTES;
        return new byte[Math.toIntExact((blocks + perBlock - 1) / perBlock * BLOCK_BYTES)];
    }

    private static byte[] header(long blocks) {
        var header = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.put("verity\0\0".getBytes(StandardCharsets.US_ASCII));
        header.putInt(1).putInt(1); // version, hash type
        header.put(HexFormat.of().parseHex(UUID.replace("-", "")));
        header.put("sha256".getBytes(StandardCharsets.US_ASCII)).position(64);
        header.putInt(BLOCK_BYTES).putInt(BLOCK_BYTES).putLong(blocks).putShort((short) 0);
        if (header.position() > HEADER_BYTES) {
            throw new IllegalStateException("the header is longer than its salt leaves room for");
        }
        return header.array();
    }
}
