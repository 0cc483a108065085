package dev.strongroom.serving.guard.shape;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Turns vectors by a secret rotation that keeps every dot product and length: a group's vectors go
 * together with each other and with nobody else's. Three rounds of secret signs, a secret order,
 * and Hadamard transforms.
 *
 * <p>Immutable and thread-safe.
 */
final class Rotation {
    private static final int ROUNDS = 3; // each mixes every number with its block, the order blocks
    private static final String MAC = "HmacSHA256";
    private static final byte[] LABEL =
            "strongroom/rotation/v1".getBytes(StandardCharsets.US_ASCII);

    private final int[][] orders;
    private final boolean[][] signs;

    /**
     * @param key secret
     * @param group whose vectors these are
     * @param size of the vectors
     */
    Rotation(SecretKeySpec key, String group, int size) {
        var stream = new Stream(key, group, size);
        orders = new int[ROUNDS][size];
        signs = new boolean[ROUNDS][size];
        for (int round = 0; round < ROUNDS; round++) {
            Arrays.setAll(orders[round], i -> i);
            for (int i = size - 1; i > 0; i--) {
                int j = stream.below(i + 1);
                int kept = orders[round][i];
                orders[round][i] = orders[round][j];
                orders[round][j] = kept;
            }
            for (int i = 0; i < size; i++) {
                signs[round][i] = stream.below(2) == 1;
            }
        }
    }

    void turn(double[] vector) {
        var from = vector.clone();
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < vector.length; i++) {
                double value = from[orders[round][i]];
                vector[i] = signs[round][i] ? -value : value;
            }
            int start = 0;
            while (start < vector.length) {
                int block = Integer.highestOneBit(vector.length - start);
                hadamard(vector, start, block);
                start += block;
            }
            System.arraycopy(vector, 0, from, 0, vector.length);
        }
    }

    private static void hadamard(double[] vector, int start, int size) {
        for (int half = 1; half < size; half *= 2) {
            for (int i = start; i < start + size; i += 2 * half) {
                for (int j = i; j < i + half; j++) {
                    double one = vector[j];
                    double other = vector[j + half];
                    vector[j] = one + other;
                    vector[j + half] = one - other;
                }
            }
        }
        double norm = 1 / Math.sqrt(size);
        for (int i = start; i < start + size; i++) {
            vector[i] *= norm;
        }
    }

    /** HMAC in counter mode. */
    private static final class Stream {
        private final Mac keyed;
        private final byte[] context;
        private ByteBuffer block = ByteBuffer.allocate(0);
        private int counter;

        Stream(SecretKeySpec key, String group, int size) {
            byte[] name = group.getBytes(StandardCharsets.UTF_8);
            this.context =
                    ByteBuffer.allocate(LABEL.length + 2 * Integer.BYTES + name.length)
                            .put(LABEL)
                            .putInt(size)
                            .putInt(name.length)
                            .put(name)
                            .array();
            try {
                this.keyed = Mac.getInstance(MAC);
                keyed.init(key);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every JDK has " + MAC, e);
            }
        }

        /** Even to one part in 2^31 over the bound. */
        int below(int bound) {
            return (next() >>> 1) % bound;
        }

        private int next() {
            if (!block.hasRemaining()) {
                keyed.update(context);
                keyed.update(ByteBuffer.allocate(Integer.BYTES).putInt(counter++).flip());
                block = ByteBuffer.wrap(keyed.doFinal());
            }
            return block.getInt();
        }
    }
}
