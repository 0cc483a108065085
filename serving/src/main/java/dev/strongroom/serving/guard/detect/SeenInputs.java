package dev.strongroom.serving.guard.detect;

import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Remembers which inputs were asked lately, by a keyed digest, so that a repeated query is neither
 * evidence against a client that retries nor against one that asks what everybody asks.
 *
 * <p>Not thread-safe. Eight bytes for each input; a full bucket forgets its oldest.
 */
final class SeenInputs {
    private static final int WAYS = 8;

    private final long[] ids;
    private final byte[] turns; // the slot of each bucket that is overwritten next
    private final MessageDigest digest;
    private final byte[] key;
    private final byte[] hash = new byte[32];
    private ByteBuffer scratch = ByteBuffer.allocate(0);

    SeenInputs(int capacity, byte[] key) {
        int buckets = Integer.highestOneBit(Math.max(1, capacity / WAYS));
        this.ids = new long[buckets * WAYS];
        this.turns = new byte[buckets];
        this.key = key.clone();
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Remembers the input; true when it was known already. */
    boolean repeated(float[] input) {
        long id = id(input);
        int bucket = (int) (id >>> 32) & (turns.length - 1);
        int first = bucket * WAYS;
        for (int way = 0; way < WAYS; way++) {
            if (ids[first + way] == id) {
                return true;
            }
        }
        ids[first + turns[bucket]] = id;
        turns[bucket] = (byte) ((turns[bucket] + 1) % WAYS);
        return false;
    }

    private long id(float[] input) {
        int bytes = input.length * Float.BYTES;
        if (scratch.capacity() < bytes) {
            scratch = ByteBuffer.allocate(bytes);
        }
        scratch.clear();
        scratch.asFloatBuffer().put(input);
        digest.update(key);
        digest.update(scratch.array(), 0, bytes);
        try {
            digest.digest(hash, 0, hash.length);
        } catch (DigestException e) {
            throw new IllegalStateException("SHA-256 has 32 bytes", e);
        }
        return ByteBuffer.wrap(hash).getLong() | 1; // zero is an empty slot
    }
}
