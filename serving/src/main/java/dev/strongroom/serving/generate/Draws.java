package dev.strongroom.serving.generate;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The numbers that a sequence is drawn by: HMAC-SHA-256 under a secret key, of everything that
 * bears on the draw. The same request has the same numbers, nobody knows them beforehand, and
 * another temperature, prompt or seed has others: who chose them could compare them with the
 * model's probabilities until he had those exactly.
 *
 * <p>Not thread-safe.
 */
public final class Draws implements RandomGenerator {
    private static final String ALGORITHM = "HmacSHA256";
    private static final byte[] LABEL = "strongroom/draws/v1".getBytes(StandardCharsets.US_ASCII);

    private final Mac keyed;
    private long drawn;

    private Draws(Mac keyed) {
        this.keyed = keyed;
    }

    /**
     * Of one sequence.
     *
     * @param model and version that generates it
     */
    public static Draws of(
            SecretKey key, String model, long seed, int[] prompt, Sampling sampling) {
        byte[] name = model.getBytes(StandardCharsets.UTF_8);
        var request =
                ByteBuffer.allocate(
                        LABEL.length
                                + 2 * Integer.BYTES
                                + name.length
                                + 3 * Long.BYTES
                                + Integer.BYTES * (1 + prompt.length));
        request.put(LABEL).putInt(name.length).put(name);
        request.putLong(seed)
                .putDouble(sampling.temperature())
                .putInt(sampling.topK())
                .putDouble(sampling.topP())
                .putInt(prompt.length);
        for (int token : prompt) {
            request.putInt(token);
        }
        byte[] own = mac(key).doFinal(request.array());
        return new Draws(mac(new SecretKeySpec(own, ALGORITHM)));
    }

    private static Mac mac(SecretKey key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
        }
    }

    @Override
    public long nextLong() {
        var counter = ByteBuffer.allocate(Long.BYTES).putLong(0, drawn++);
        return ByteBuffer.wrap(keyed.doFinal(counter.array())).getLong();
    }
}
