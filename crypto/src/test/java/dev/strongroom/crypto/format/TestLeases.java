package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;

/** Leases that differ in one field. */
final class TestLeases {
    private TestLeases() {}

    static Lease withSeq(Lease lease, long seq) {
        return copy(lease, seq, lease.tlsKeyDigest());
    }

    static Lease withTlsKey(Lease lease, Digest tlsKey) {
        return copy(lease, lease.seq(), tlsKey);
    }

    private static Lease copy(Lease of, long seq, Digest tlsKey) {
        return new Lease(
                of.nonce(),
                of.nodeNonce(),
                of.bootId(),
                seq,
                of.model(),
                of.versionId(),
                of.versionNumber(),
                of.manifestDigest(),
                of.policies(),
                of.trustLevel(),
                of.kekVersion(),
                of.tee(),
                of.rootFingerprint(),
                of.kemKeyDigest(),
                tlsKey,
                of.posture(),
                of.issuedAt(),
                of.notAfter(),
                of.maxInferences(),
                of.releaseLeaf(),
                of.auditLeaf());
    }
}
