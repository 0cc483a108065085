package dev.strongroom.serving.guard.noise;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Gaussian noise on probabilities that depends on a key and on the cell of the output space in
 * which the answer lies, not on the input's bytes: neither repeating a query nor jittering it
 * averages the noise away. The best class stays the best.
 *
 * <p>It stops averaging and exact equation solving and nothing else: who trains on labels does not
 * notice it. Thread-safe.
 */
public final class CellNoise {
    private static final double CELL = 0.25;
    private static final float LEAST_LEAD = 1e-6f; // of the best class over any other

    private final Mac keyed;
    private final double sigma;

    /**
     * @param key 16 bytes or more, one for each lease
     * @param sigma standard deviation on each probability
     */
    public CellNoise(byte[] key, double sigma) {
        if (key.length < 16 || !(sigma > 0 && sigma <= 1)) {
            throw new IllegalArgumentException("expected a key of 16 bytes, sigma within (0, 1]");
        }
        this.sigma = sigma;
        try {
            this.keyed = Mac.getInstance("HmacSHA256");
            keyed.init(new SecretKeySpec(key, "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
        }
    }

    /** New probabilities that sum to one, with the same best class. */
    public float[] disturb(float[] probabilities) {
        long state = seed(probabilities);
        int best = best(probabilities);
        var disturbed = new float[probabilities.length];
        double most = 0;
        for (int at = 0; at < disturbed.length; at++) {
            state += 0x9e3779b97f4a7c15L;
            double noisy = probabilities[at] + sigma * gaussian(state);
            disturbed[at] = (float) Math.max(0, noisy);
            most = at == best ? most : Math.max(most, disturbed[at]);
        }
        disturbed[best] = (float) Math.max(disturbed[best], most + LEAST_LEAD);
        return normalised(disturbed);
    }

    private long seed(float[] probabilities) {
        var cell = ByteBuffer.allocate(probabilities.length);
        for (float probability : probabilities) {
            cell.put((byte) Math.round(probability / CELL));
        }
        try {
            Mac mac = (Mac) keyed.clone();
            return ByteBuffer.wrap(mac.doFinal(cell.array())).getLong();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's HMAC can be cloned", e);
        }
    }

    private static int best(float[] values) {
        int best = 0;
        for (int at = 1; at < values.length; at++) {
            best = values[at] > values[best] ? at : best;
        }
        return best;
    }

    private static float[] normalised(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        for (int at = 0; at < values.length; at++) {
            values[at] = (float) (values[at] / sum);
        }
        return values;
    }

    /** One normal deviate from 64 mixed bits (Box and Muller). */
    private static double gaussian(long state) {
        long first = mix(state);
        long second = mix(state ^ 0x5851f42d4c957f2dL);
        double radius = Math.sqrt(-2 * Math.log(((first >>> 12) + 0.5) * 0x1p-52));
        return radius * Math.cos(2 * Math.PI * ((second >>> 12) + 0.5) * 0x1p-52);
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
