package dev.strongroom.agent;

import dev.strongroom.attestation.Transcript;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Nonces that this process hands out: good for the peer that asked, for two minutes, and for one
 * release. Nothing is kept of a nonce before something is released for it: it says itself until
 * when and, by a MAC, for whom it was made. So whoever asks for many takes nobody's room. A restart
 * draws another key, which ends them all.
 *
 * <pre>
 *   0  u64  end, milliseconds
 *   8  8    random
 *  16  16   HMAC-SHA-256 over both and the peer's name, its first half
 * </pre>
 *
 * <p>Thread-safe.
 */
final class Nonces {
    /** A node makes a key and a report meanwhile; both take seconds. */
    static final Duration VALIDITY = Duration.ofMinutes(2);

    private static final String MAC = "HmacSHA256";
    private static final int KEY_BYTES = 32;
    private static final int RANDOM_BYTES = 8;
    private static final int CLEAR_BYTES = Long.BYTES + RANDOM_BYTES;
    private static final int MAC_BYTES = Transcript.NONCE_BYTES - CLEAR_BYTES;

    private final InstantSource clock;
    private final SecureRandom random;
    private final SecretKeySpec key;
    private final Map<String, Instant> spent = new HashMap<>();

    /** A nonce and when it expires. */
    record Issued(byte[] nonce, Instant notAfter) {}

    Nonces(InstantSource clock, SecureRandom random) {
        this.clock = clock;
        this.random = random;
        byte[] drawn = new byte[KEY_BYTES];
        random.nextBytes(drawn);
        this.key = new SecretKeySpec(drawn, MAC);
    }

    Issued issue(String peer) {
        Instant notAfter = Instant.ofEpochMilli(clock.instant().plus(VALIDITY).toEpochMilli());
        byte[] clear = new byte[CLEAR_BYTES];
        random.nextBytes(clear);
        ByteBuffer.wrap(clear).putLong(notAfter.toEpochMilli());
        byte[] nonce =
                ByteBuffer.allocate(Transcript.NONCE_BYTES)
                        .put(clear)
                        .put(mac(peer, clear))
                        .array();
        return new Issued(nonce, notAfter);
    }

    /** Until when a nonce is good; empty when the peer has none like this, or not any more. */
    synchronized Optional<Instant> find(String peer, byte[] nonce) {
        byte[] clear = Arrays.copyOf(nonce, CLEAR_BYTES);
        byte[] mac = Arrays.copyOfRange(nonce, CLEAR_BYTES, Transcript.NONCE_BYTES);
        if (!MessageDigest.isEqual(mac, mac(peer, clear))
                || spent.containsKey(HexFormat.of().formatHex(nonce))) {
            return Optional.empty();
        }
        Instant notAfter = Instant.ofEpochMilli(ByteBuffer.wrap(clear).getLong());
        return clock.instant().isAfter(notAfter) ? Optional.empty() : Optional.of(notAfter);
    }

    /**
     * Uses a nonce up. Room is taken by whoever shows evidence that the owner allows, and by nobody
     * else.
     *
     * @return false if it was used up before, or ended meanwhile
     */
    synchronized boolean spend(byte[] nonce, Instant notAfter) {
        Instant now = clock.instant();
        spent.values().removeIf(now::isAfter);
        // Forgotten above is what ended, which must not be good once more.
        return !now.isAfter(notAfter)
                && spent.putIfAbsent(HexFormat.of().formatHex(nonce), notAfter) == null;
    }

    private byte[] mac(String peer, byte[] clear) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(key);
            mac.update(clear);
            byte[] whole = mac.doFinal(peer.getBytes(StandardCharsets.UTF_8));
            return Arrays.copyOf(whole, MAC_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + MAC, e);
        }
    }
}
