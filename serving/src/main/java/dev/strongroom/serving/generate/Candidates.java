package dev.strongroom.serving.generate;

import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * The best tokens by their logits, best first, of equals the earlier one. A candidate is one number
 * that sorts so: the logit's bits above, the token's complement below.
 */
final class Candidates {
    private static final long LOW = 0xffff_ffffL;

    private Candidates() {}

    /** The best one; -1 when no logit is a number. */
    static int best(float[] logits) {
        int best = -1;
        for (int token = 0; token < logits.length; token++) {
            if (!Float.isNaN(logits[token]) && (best < 0 || logits[token] > logits[best])) {
                best = token;
            }
        }
        return best;
    }

    /** The {@code most} best. */
    static int[] best(float[] logits, int most) {
        var kept = new PriorityQueue<Long>();
        for (int token = 0; token < logits.length; token++) {
            if (Float.isNaN(logits[token])) {
                continue;
            }
            long key = key(logits[token], token);
            if (kept.size() < most) {
                kept.add(key);
            } else if (key > kept.element()) {
                kept.remove();
                kept.add(key);
            }
        }
        return tokens(kept.stream().mapToLong(Long::longValue).toArray());
    }

    /** All that are at least so good. */
    static int[] from(float[] logits, double least) {
        var keys = new long[logits.length];
        int count = 0;
        for (int token = 0; token < logits.length; token++) {
            if (logits[token] >= least) {
                keys[count++] = key(logits[token], token);
            }
        }
        return tokens(Arrays.copyOf(keys, count));
    }

    private static int[] tokens(long[] keys) {
        Arrays.sort(keys);
        var tokens = new int[keys.length];
        for (int i = 0; i < keys.length; i++) {
            tokens[i] = (int) (~keys[keys.length - 1 - i] & LOW);
        }
        return tokens;
    }

    private static long key(float logit, int token) {
        int bits = Float.floatToIntBits(logit + 0.0f); // minus zero equals zero
        int sortable = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
        return (long) sortable << Integer.SIZE | (~token & LOW);
    }
}
