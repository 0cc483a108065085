package dev.strongroom.crypto.transparency;

import dev.strongroom.attestation.Digest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A growing list of hashes at 32 bytes each, in blocks so that growth copies nothing. */
final class HashArray {
    private static final int BLOCK_HASHES = 1024;

    private final List<byte[]> blocks = new ArrayList<>();
    private long size;

    void add(Digest hash) {
        int offset = (int) (size % BLOCK_HASHES) * Digest.BYTES;
        if (offset == 0) {
            blocks.add(new byte[BLOCK_HASHES * Digest.BYTES]);
        }
        System.arraycopy(hash.bytes(), 0, blocks.getLast(), offset, Digest.BYTES);
        size++;
    }

    Digest get(long index) {
        byte[] block = blocks.get((int) (index / BLOCK_HASHES));
        int offset = (int) (index % BLOCK_HASHES) * Digest.BYTES;
        return Digest.of(Arrays.copyOfRange(block, offset, offset + Digest.BYTES));
    }
}
