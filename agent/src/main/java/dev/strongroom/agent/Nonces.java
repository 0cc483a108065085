package dev.strongroom.agent;

import dev.strongroom.attestation.Transcript;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * Nonces that this process has handed out: good for the peer that asked, for two minutes, and once.
 * A restart forgets them all, which ends them all.
 *
 * <p>Thread-safe. Bounded: one peer cannot take the room of the others.
 */
final class Nonces {
    /** A node makes a key and a report meanwhile; both take seconds. */
    static final Duration VALIDITY = Duration.ofMinutes(2);

    static final int MAX_OPEN_PER_PEER = 32;
    private static final int MAX_OPEN = 4096;

    /** A nonce and when it expires. */
    record Issued(byte[] nonce, Instant notAfter) {}

    private record Open(String peer, Instant notAfter) {}

    private final InstantSource clock;
    private final SecureRandom random;
    private final Map<String, Open> open = new HashMap<>();

    Nonces(InstantSource clock, SecureRandom random) {
        this.clock = clock;
        this.random = random;
    }

    /** Hands one out; empty when there are too many already. */
    synchronized Optional<Issued> issue(String peer) {
        Instant now = clock.instant();
        open.values().removeIf(each -> now.isAfter(each.notAfter()));
        long own = open.values().stream().filter(each -> each.peer().equals(peer)).count();
        if (open.size() >= MAX_OPEN || own >= MAX_OPEN_PER_PEER) {
            return Optional.empty();
        }
        byte[] nonce = new byte[Transcript.NONCE_BYTES];
        random.nextBytes(nonce);
        var issued = new Issued(nonce, now.plus(VALIDITY));
        open.put(HexFormat.of().formatHex(nonce), new Open(peer, issued.notAfter()));
        return Optional.of(issued);
    }

    /** Uses a nonce up; empty when the peer has none like this, or not any more. */
    synchronized Optional<Instant> take(String peer, byte[] nonce) {
        Open found = open.remove(HexFormat.of().formatHex(nonce));
        return Optional.ofNullable(found)
                .filter(each -> each.peer().equals(peer))
                .map(Open::notAfter)
                .filter(notAfter -> !clock.instant().isAfter(notAfter));
    }
}
