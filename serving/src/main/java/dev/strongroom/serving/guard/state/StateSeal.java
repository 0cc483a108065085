package dev.strongroom.serving.guard.state;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals states with AES-256-GCM under a key of the version: nonce, then ciphertext and tag. Model,
 * version and number are authenticated, so that no state stands for another. Thread-safe.
 */
final class StateSeal {
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec key;
    private final byte[] context;
    private final SecureRandom random;

    /**
     * @param key 32 bytes
     * @param context model and version
     */
    StateSeal(byte[] key, String context, SecureRandom random) {
        this.key = new SecretKeySpec(key, "AES");
        this.context = context.getBytes(StandardCharsets.UTF_8);
        this.random = random;
    }

    byte[] seal(long seq, byte[] state) {
        var nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, seq).doFinal(state);
            return ByteBuffer.allocate(NONCE_BYTES + sealed.length).put(nonce).put(sealed).array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    /** Empty if it is not what this key sealed under this number. */
    Optional<byte[]> open(long seq, byte[] sealed) {
        if (sealed.length < NONCE_BYTES) {
            return Optional.empty();
        }
        var nonce = new byte[NONCE_BYTES];
        ByteBuffer.wrap(sealed).get(nonce);
        try {
            return Optional.of(
                    cipher(Cipher.DECRYPT_MODE, nonce, seq)
                            .doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    private Cipher cipher(int mode, byte[] nonce, long seq) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(
                ByteBuffer.allocate(Long.BYTES + context.length).putLong(seq).put(context).array());
        return cipher;
    }
}
