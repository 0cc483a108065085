package dev.strongroom.attestation;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What the verifier asked and therefore expects evidence to speak for. Good for one verification;
 * the type parameter is what a positive verdict is about, so that evidence for serving can never be
 * used to release a key.
 *
 * <p>Thread-safe: of several threads that use one challenge, one gets a verdict on the evidence.
 */
public final class Challenge<K> {
    private final Transcript expected;
    private final K subject;
    private final Instant notAfter;
    private final AtomicBoolean used = new AtomicBoolean();

    private Challenge(Transcript expected, K subject, Instant notAfter) {
        this.expected = expected;
        this.subject = subject;
        this.notAfter = notAfter;
    }

    /** Expects evidence for releasing a data key to the transcript's KEM key. */
    public static Challenge<EnclaveKey> release(Transcript expected, Instant notAfter) {
        requireRole(expected, Role.RELEASE);
        return new Challenge<>(
                expected, new EnclaveKey(expected.kemSpki(), expected.tlsSpki()), notAfter);
    }

    /** Expects evidence for the TLS key of a serving node. */
    public static Challenge<ServingKey> serve(Transcript expected, Instant notAfter) {
        requireRole(expected, Role.SERVE);
        return new Challenge<>(expected, new ServingKey(expected.tlsSpki()), notAfter);
    }

    /** Expects evidence for the key that signs a renewed seal of the transcript's manifest. */
    public static Challenge<SealingKey> reseal(Transcript expected, Instant notAfter) {
        requireRole(expected, Role.RESEAL);
        return new Challenge<>(expected, new SealingKey(expected.tlsSpki()), notAfter);
    }

    /** Expects fresh evidence of a node that renews its lease. */
    public static Challenge<ServingKey> renew(Transcript expected, Instant notAfter) {
        requireRole(expected, Role.RENEW);
        return new Challenge<>(expected, new ServingKey(expected.tlsSpki()), notAfter);
    }

    /** Expects evidence for the release of an agent's part to the transcript's KEM key. */
    public static Challenge<PartKey> part(Transcript expected, Instant notAfter) {
        requireRole(expected, Role.PART);
        return new Challenge<>(
                expected, new PartKey(expected.kemSpki(), expected.tlsSpki()), notAfter);
    }

    public Transcript expected() {
        return expected;
    }

    public Instant notAfter() {
        return notAfter;
    }

    K subject() {
        return subject;
    }

    /** True for the first caller only. */
    boolean claim() {
        return used.compareAndSet(false, true);
    }

    private static void requireRole(Transcript expected, Role role) {
        if (expected.role() != role) {
            throw new IllegalArgumentException("challenge: transcript is for " + expected.role());
        }
    }
}
