package dev.strongroom.serving.guard.detect;

import dev.strongroom.serving.guard.noise.SplitMix;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;

/**
 * Remembers which inputs were asked lately and by whom, by a keyed digest.
 *
 * <p>Thread-safe; digests run outside the lock. Sixteen bytes for each input; a full bucket forgets
 * its oldest.
 */
final class SeenInputs {
    private static final int WAYS = 8;

    private final long[] ids;
    private final byte[] turns; // the slot of each bucket that is overwritten next
    private final MessageDigest keyed;

    /** What is known of an input. */
    enum Known {
        /** Nobody asked it. */
        NEW,
        /** Somebody asked it, not this principal. */
        ECHOED,
        /** This principal asked it. */
        REPEATED
    }

    SeenInputs(int capacity, byte[] key) {
        int buckets = Integer.highestOneBit(Math.max(1, 2 * capacity / WAYS));
        this.ids = new long[buckets * WAYS];
        this.turns = new byte[buckets];
        try {
            this.keyed = MessageDigest.getInstance("SHA-256");
            keyed.update(key);
            var _ = keyed.clone(); // or else fail now
        } catch (GeneralSecurityException | CloneNotSupportedException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Remembers that the principal asked the input, and says what was known. */
    Known ask(long principal, float[] input) {
        long anybodys = id(input);
        long own = SplitMix.mix(anybodys ^ SplitMix.mix(principal)) | 1;
        synchronized (this) {
            if (seen(own)) {
                return Known.REPEATED;
            }
            return seen(anybodys) ? Known.ECHOED : Known.NEW;
        }
    }

    /** Remembers it; true when it was known already. */
    private boolean seen(long id) {
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
        var bytes = ByteBuffer.allocate(input.length * Float.BYTES);
        bytes.asFloatBuffer().put(input);
        return ByteBuffer.wrap(digest().digest(bytes.array())).getLong() | 1; // 0: an empty slot
    }

    private MessageDigest digest() {
        try {
            return (MessageDigest) keyed.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("it could be cloned at the start", e);
        }
    }
}
