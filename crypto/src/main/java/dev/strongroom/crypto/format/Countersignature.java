package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.security.SignatureException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The vault's word that it holds a version under this number. Signed by the vault's signing key.
 *
 * @param versionNumber given at commit, never reused
 * @param manifestDigest {@link Manifest#digest}
 * @param attestationRoot fingerprint of the roots the vault serves under
 * @param committedAt to the millisecond
 * @param auditLeaf index of the commit record in the audit log
 */
public record Countersignature(
        ModelName model,
        VersionId versionId,
        long versionNumber,
        Digest manifestDigest,
        Digest attestationRoot,
        Instant committedAt,
        long auditLeaf) {
    public static final String PAYLOAD_TYPE = "application/vnd.strongroom.countersignature.v1";
    private static final int MAX_BYTES = 1024;
    private static final String DOMAIN = "strongroom/countersignature";

    public Countersignature {
        Strict.requireRange("version number", versionNumber, 1, Long.MAX_VALUE);
        Strict.requireRange("audit leaf", auditLeaf, 0, Long.MAX_VALUE);
        committedAt = committedAt.truncatedTo(ChronoUnit.MILLIS);
    }

    public Dsse sign(StatementSigner vault) throws SignatureException {
        return Dsse.sign(PAYLOAD_TYPE, encode(), vault);
    }

    /**
     * The countersignature in an envelope that one of the vault's signing keys signed, the present
     * one or an earlier one before its end.
     */
    public static Countersignature verify(Dsse envelope, VaultIdentity vault)
            throws SealedFormatException {
        SigningPeriod signer = vault.signerOf(envelope);
        Countersignature signed = verify(envelope, signer.spki());
        signer.requireCovers("countersignature", signed.auditLeaf());
        return signed;
    }

    /**
     * Checks that the vault signed it.
     *
     * @param signingSpki the vault's, from its {@link VaultIdentity}
     */
    public static Countersignature verify(Dsse envelope, byte[] signingSpki)
            throws SealedFormatException {
        byte[] payload = envelope.verify(P256.publicKey(signingSpki), PAYLOAD_TYPE);
        return Strict.read(payload, MAX_BYTES, DOMAIN, 1, Countersignature::read);
    }

    public byte[] encode() {
        return Statements.writeModel(Canonical.of(DOMAIN, 1), model)
                .bytes(versionId.bytes())
                .u64(versionNumber)
                .bytes(manifestDigest.bytes())
                .bytes(attestationRoot.bytes())
                .u64(committedAt.toEpochMilli())
                .u64(auditLeaf)
                .toByteArray();
    }

    private static Countersignature read(CanonicalReader in) throws MalformedEncodingException {
        return new Countersignature(
                Statements.readModel(in),
                VersionId.of(in.fixed("version id", VersionId.BYTES)),
                in.u64("version number"),
                Statements.readDigest(in, "manifest digest"),
                Statements.readDigest(in, "attestation root"),
                Instant.ofEpochMilli(in.u64("committed at")),
                in.u64("audit leaf"));
    }
}
