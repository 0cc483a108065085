package dev.strongroom.vault.release;

import dev.strongroom.attestation.Transcript;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.catalog.BootTable;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;

/**
 * Nonces that this start of the vault has handed out. A nonce is the boot epoch and random bytes;
 * it is good for the principal that asked, until it expires, and once: its use is recorded in the
 * transaction that records the decision, so not even a crash gives it back.
 *
 * <p>Thread-safe. Bounded: no identity can take the room of the others of its tenant, and no tenant
 * that of the others, however many identities it has.
 */
public final class Challenges {
    /** How long a node has to answer; making a key and a report takes seconds. */
    static final Duration VALIDITY = Duration.ofMinutes(2);

    private static final int MAX_OPEN = 10_000;
    private static final int MAX_OPEN_PER_TENANT = 1024;
    private static final int MAX_OPEN_PER_PRINCIPAL = 256;
    private static final int RANDOM_BYTES = Transcript.NONCE_BYTES - Long.BYTES;

    /** A nonce and when it expires. */
    public record Issued(byte[] nonce, Instant notAfter) {}

    private record Open(Principal principal, Instant notAfter) {}

    private final long bootEpoch;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Map<String, Open> open = new HashMap<>();

    /**
     * No nonces yet.
     *
     * @param bootEpoch counts the starts of the vault
     */
    public Challenges(long bootEpoch, InstantSource clock, SecureRandom random) {
        this.bootEpoch = bootEpoch;
        this.clock = clock;
        this.random = random;
    }

    /** Which start of the vault this is. */
    public long bootEpoch() {
        return bootEpoch;
    }

    /**
     * Hands out a nonce.
     *
     * @throws RefusedException TOO_MANY_CHALLENGES
     */
    public synchronized Issued issue(Principal principal) throws RefusedException {
        Instant now = clock.instant();
        requireRoom(principal, now);
        byte[] suffix = new byte[RANDOM_BYTES];
        random.nextBytes(suffix);
        byte[] nonce =
                ByteBuffer.allocate(Transcript.NONCE_BYTES).putLong(bootEpoch).put(suffix).array();
        Instant notAfter = now.plus(VALIDITY);
        open.put(name(nonce), new Open(principal, notAfter));
        return new Issued(nonce, notAfter);
    }

    private void requireRoom(Principal principal, Instant now) throws RefusedException {
        if (isFull(principal)) {
            open.values().removeIf(o -> now.isAfter(o.notAfter()));
        }
        if (isFull(principal)) {
            throw new RefusedException(
                    Reason.TOO_MANY_CHALLENGES,
                    "too many unanswered challenges; try again in " + VALIDITY.toSeconds() + " s");
        }
    }

    private boolean isFull(Principal principal) {
        return open.size() >= MAX_OPEN
                || count(o -> o.tenant().equals(principal.tenant())) >= MAX_OPEN_PER_TENANT
                || count(principal::equals) >= MAX_OPEN_PER_PRINCIPAL;
    }

    private long count(Predicate<Principal> whose) {
        return open.values().stream().map(Open::principal).filter(whose).count();
    }

    /** When the principal's nonce expires; empty when it has none like this. */
    public synchronized Optional<Instant> find(Principal principal, byte[] nonce) {
        return Optional.ofNullable(open.get(name(nonce)))
                .filter(o -> o.principal().equals(principal))
                .map(Open::notAfter);
    }

    /** Uses a nonce up, in the transaction that records what for; false if it was used before. */
    public boolean consume(Handle handle, byte[] nonce) {
        return BootTable.consumeNonce(handle, name(nonce), bootEpoch);
    }

    /** Forgets a nonce whose use is durable. */
    public synchronized void forget(byte[] nonce) {
        open.remove(name(nonce));
    }

    /** What a nonce is remembered as. */
    public static String name(byte[] nonce) {
        return HexFormat.of().formatHex(nonce);
    }

    /** Why a nonce that is not open refuses. */
    Appraisal.Objection objectionTo(byte[] nonce) {
        return isOfThisBoot(nonce)
                ? new Appraisal.Objection(
                        "nonce.unknown", "the nonce is not open; ask for a new one")
                : new Appraisal.Objection(
                        "nonce.stale", "the vault was restarted since; ask for a new nonce");
    }

    /** True when a nonce names this start of the vault. */
    public boolean isOfThisBoot(byte[] nonce) {
        return ByteBuffer.wrap(nonce).getLong() == bootEpoch;
    }
}
