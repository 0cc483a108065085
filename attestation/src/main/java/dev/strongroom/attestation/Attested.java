package dev.strongroom.attestation;

/**
 * A value that verified evidence speaks for. Only {@link EvidenceVerifier} makes one: holding it is
 * the proof.
 *
 * <p>Immutable and thread-safe.
 */
public final class Attested<K> {
    private final K value;
    private final Transcript transcript;
    private final Claims claims;
    private final Digest evidenceDigest;

    Attested(K value, Transcript transcript, Claims claims, Digest evidenceDigest) {
        this.value = value;
        this.transcript = transcript;
        this.claims = claims;
        this.evidenceDigest = evidenceDigest;
    }

    public K value() {
        return value;
    }

    /** What the evidence is bound to: model, policies, vault, boot. */
    public Transcript transcript() {
        return transcript;
    }

    public Claims claims() {
        return claims;
    }

    public Digest evidenceDigest() {
        return evidenceDigest;
    }
}
