package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.security.SignatureException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * The vault's permission to one boot of one node to hold one version open, for a time and a number
 * of inferences. A renewal is another lease of the same boot with a higher {@code seq}, which takes
 * the place of the one before. Signed by the vault's signing key.
 *
 * @param nonce the vault's, from the challenge that was answered
 * @param nodeNonce the node's, drawn for this one request: the lease was signed after it
 * @param bootId of the node process
 * @param seq leases of this boot, from 1
 * @param versionNumber the name of the version; {@code versionId} is what counts
 * @param policies in force when the key was released, release policy first
 * @param kekVersion key-encryption key that the data key came from
 * @param tee simulated when evidence chained to a test root
 * @param rootFingerprint of the root that evidence chained to
 * @param kemKeyDigest SHA-256 of the release key's SubjectPublicKeyInfo
 * @param tlsKeyDigest SHA-256 of the TLS key's SubjectPublicKeyInfo
 * @param posture what the node claimed
 * @param maxInferences calls until the lease is used up
 * @param releaseLeaf index of the record of the release that the data key came with
 * @param auditLeaf index of the record of this lease; {@code releaseLeaf} unless it is a renewal
 */
public record Lease(
        byte[] nonce,
        byte[] nodeNonce,
        byte[] bootId,
        long seq,
        ModelName model,
        VersionId versionId,
        long versionNumber,
        Digest manifestDigest,
        List<PolicyReference> policies,
        TrustLevel trustLevel,
        int kekVersion,
        Tee tee,
        Digest rootFingerprint,
        Digest kemKeyDigest,
        Digest tlsKeyDigest,
        Posture posture,
        Instant issuedAt,
        Instant notAfter,
        long maxInferences,
        long releaseLeaf,
        long auditLeaf) {
    public static final String PAYLOAD_TYPE = "application/vnd.strongroom.lease.v1";
    private static final int MAX_BYTES = 4096;
    private static final String DOMAIN = "strongroom/lease";

    public Lease {
        Strict.requireLength("nonce", nonce, Transcript.NONCE_BYTES);
        Strict.requireLength("node nonce", nodeNonce, Transcript.NONCE_BYTES);
        Strict.requireLength("boot id", bootId, Transcript.BOOT_ID_BYTES);
        Strict.requireRange("seq", seq, 1, Long.MAX_VALUE);
        Strict.requireRange("version number", versionNumber, 1, Long.MAX_VALUE);
        Strict.requireRange("kek version", kekVersion, 1, Integer.MAX_VALUE);
        Strict.requireRange("max inferences", maxInferences, 0, Long.MAX_VALUE);
        Strict.requireRange("audit leaf", auditLeaf, 0, Long.MAX_VALUE);
        Strict.requireRange("release leaf", releaseLeaf, 0, auditLeaf);
        policies = List.copyOf(policies);
        issuedAt = issuedAt.truncatedTo(ChronoUnit.MILLIS);
        notAfter = notAfter.truncatedTo(ChronoUnit.MILLIS);
    }

    /** True when this lease came without a key, for one that the node has. */
    public boolean isRenewal() {
        return releaseLeaf != auditLeaf;
    }

    public Dsse sign(StatementSigner vault) throws SignatureException {
        return Dsse.sign(PAYLOAD_TYPE, encode(), vault);
    }

    /**
     * The lease in an envelope that one of the vault's signing keys signed, the present one or an
     * earlier one before its end.
     */
    public static Lease verify(Dsse envelope, VaultIdentity vault) throws SealedFormatException {
        SigningPeriod signer = vault.signerOf(envelope);
        Lease signed = verify(envelope, signer.spki());
        signer.requireCovers("lease", signed.auditLeaf());
        return signed;
    }

    /**
     * Checks that the vault signed the lease. Whether it answers the caller's request is for the
     * caller to compare.
     *
     * @param signingSpki the vault's, from its {@link VaultIdentity}
     */
    public static Lease verify(Dsse envelope, byte[] signingSpki) throws SealedFormatException {
        byte[] payload = envelope.verify(P256.publicKey(signingSpki), PAYLOAD_TYPE);
        return Strict.read(payload, MAX_BYTES, DOMAIN, 1, Lease::read);
    }

    public byte[] encode() {
        Canonical out =
                Canonical.of(DOMAIN, 1).bytes(nonce).bytes(nodeNonce).bytes(bootId).u64(seq);
        Statements.writeModel(out, model)
                .bytes(versionId.bytes())
                .u64(versionNumber)
                .bytes(manifestDigest.bytes());
        Statements.writePolicies(out, policies);
        return out.u8(trustLevel.number())
                .u32(kekVersion)
                .text(tee.label())
                .bytes(rootFingerprint.bytes())
                .bytes(kemKeyDigest.bytes())
                .bytes(tlsKeyDigest.bytes())
                .u8(posture.level())
                .u64(issuedAt.toEpochMilli())
                .u64(notAfter.toEpochMilli())
                .u64(maxInferences)
                .u64(releaseLeaf)
                .u64(auditLeaf)
                .toByteArray();
    }

    private static Lease read(CanonicalReader in) throws MalformedEncodingException {
        return new Lease(
                in.fixed("nonce", Transcript.NONCE_BYTES),
                in.fixed("node nonce", Transcript.NONCE_BYTES),
                in.fixed("boot id", Transcript.BOOT_ID_BYTES),
                in.u64("seq"),
                Statements.readModel(in),
                VersionId.of(in.fixed("version id", VersionId.BYTES)),
                in.u64("version number"),
                Statements.readDigest(in, "manifest digest"),
                Statements.readPolicies(in),
                TrustLevel.ofNumber(in.u8("trust level")),
                in.u32("kek version"),
                Tee.ofLabel(in.text("tee", 16)),
                Statements.readDigest(in, "root fingerprint"),
                Statements.readDigest(in, "KEM key digest"),
                Statements.readDigest(in, "TLS key digest"),
                Posture.ofLevel(in.u8("posture")),
                Instant.ofEpochMilli(in.u64("issued at")),
                Instant.ofEpochMilli(in.u64("not after")),
                in.u64("max inferences"),
                in.u64("release leaf"),
                in.u64("audit leaf"));
    }
}
