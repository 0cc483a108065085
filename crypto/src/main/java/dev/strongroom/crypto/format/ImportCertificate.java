package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.security.SignatureException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Where a tenant's wrapping keys go in: an RSA public key whose private half stays in the token.
 * Signed by the vault's ceremony key.
 *
 * @param spki SubjectPublicKeyInfo of the RSA import key
 * @param module the token's module
 * @param notAfter to the millisecond
 */
public record ImportCertificate(
        byte[] spki,
        TenantName tenant,
        String module,
        TrustLevel level,
        OaepHash hash,
        Instant notAfter) {
    public static final String PAYLOAD_TYPE = "application/vnd.strongroom.import-certificate.v1";
    static final int MAX_RSA_SPKI_BYTES = 1024;
    static final int MAX_MODULE_BYTES = 256;
    private static final int MAX_BYTES = 4096;
    private static final String DOMAIN = "strongroom/import-certificate";

    public ImportCertificate {
        notAfter = notAfter.truncatedTo(ChronoUnit.MILLIS);
        Strict.requireAtMost("import key bytes", spki.length, MAX_RSA_SPKI_BYTES);
        Strict.requireAtMost("module", module.length(), MAX_MODULE_BYTES);
    }

    public Dsse sign(StatementSigner ceremony) throws SignatureException {
        return Dsse.sign(PAYLOAD_TYPE, encode(), ceremony);
    }

    /**
     * Checks the certificate against the pin.
     *
     * @param ceremonySpki the key that {@link VaultIdentity} names
     * @param pinnedFingerprint SHA-256 of the ceremony key, learnt out of band
     */
    public static ImportCertificate verify(
            Dsse envelope, byte[] ceremonySpki, Digest pinnedFingerprint, Instant now)
            throws SealedFormatException {
        if (!P256.keyId(ceremonySpki).equals(pinnedFingerprint)) {
            throw new SealedFormatException(
                    "import certificate: expected a ceremony key with the pinned fingerprint "
                            + pinnedFingerprint);
        }
        byte[] payload = envelope.verify(P256.publicKey(ceremonySpki), PAYLOAD_TYPE);
        var certificate = Strict.read(payload, MAX_BYTES, DOMAIN, 1, ImportCertificate::read);
        if (now.isAfter(certificate.notAfter())) {
            throw new SealedFormatException(
                    "import certificate: expired at "
                            + certificate.notAfter()
                            + "; ask the vault's operator for a new one");
        }
        return certificate;
    }

    public byte[] encode() {
        return Canonical.of(DOMAIN, 1)
                .bytes(spki)
                .text(tenant.value())
                .text(module)
                .u8(level.number())
                .u8(hash.number())
                .u64(notAfter.toEpochMilli())
                .toByteArray();
    }

    private static ImportCertificate read(CanonicalReader in) throws MalformedEncodingException {
        return new ImportCertificate(
                in.bytes("import key", MAX_RSA_SPKI_BYTES),
                new TenantName(in.text("tenant", TenantName.MAX_BYTES)),
                in.text("module", MAX_MODULE_BYTES),
                TrustLevel.ofNumber(in.u8("trust level")),
                OaepHash.ofNumber(in.u8("OAEP hash")),
                Instant.ofEpochMilli(in.u64("not after")));
    }
}
