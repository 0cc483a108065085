package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.security.SignatureException;

/**
 * The vault's other keys, named by its ceremony key: pin one fingerprint, believe the rest.
 *
 * @param ceremonySpki the key that signs this record; its SHA-256 is the pin
 * @param signingSpki signs leases and checkpoints, ECDSA P-256
 * @param caCertificate X.509 DER of the CA of all TLS certificates
 * @param module the token's module
 * @param attestationRoot fingerprint of the roots that evidence must chain to
 * @param logOrigin origin of the audit log's checkpoints
 */
public record VaultIdentity(
        byte[] ceremonySpki,
        byte[] signingSpki,
        byte[] caCertificate,
        String module,
        TrustLevel level,
        Tee tee,
        Digest attestationRoot,
        String logOrigin) {
    public static final String PAYLOAD_TYPE = "application/vnd.strongroom.vault-identity.v1";
    private static final int MAX_SPKI_BYTES = 128;
    private static final int MAX_CERTIFICATE_BYTES = 4096;
    private static final int MAX_ORIGIN_BYTES = 255;
    private static final int MAX_BYTES = 8192;
    private static final String DOMAIN = "strongroom/vault-identity";

    public VaultIdentity {
        Strict.requireAtMost("ceremony key bytes", ceremonySpki.length, MAX_SPKI_BYTES);
        Strict.requireAtMost("signing key bytes", signingSpki.length, MAX_SPKI_BYTES);
        Strict.requireAtMost("CA certificate bytes", caCertificate.length, MAX_CERTIFICATE_BYTES);
        Strict.requireAtMost("module", module.length(), ImportCertificate.MAX_MODULE_BYTES);
        Strict.requireAtMost("log origin", logOrigin.length(), MAX_ORIGIN_BYTES);
    }

    /** The vault's key id in transcripts: SHA-256 of the signing key. */
    public Digest signingKeyId() {
        return P256.keyId(signingSpki);
    }

    /**
     * Signs the record.
     *
     * @throws IllegalArgumentException when the signer is not the ceremony key of this record
     */
    public Dsse sign(StatementSigner ceremony) throws SignatureException {
        if (!ceremony.keyId().equals(P256.keyId(ceremonySpki))) {
            throw new IllegalArgumentException("vault identity: signer is not the ceremony key");
        }
        return Dsse.sign(PAYLOAD_TYPE, encode(), ceremony);
    }

    /**
     * Checks the record against the pin.
     *
     * @param pin SHA-256 of the ceremony key, learnt out of band
     */
    public static VaultIdentity verify(Dsse envelope, Digest pin) throws SealedFormatException {
        VaultIdentity claimed =
                Strict.read(envelope.payload(), MAX_BYTES, DOMAIN, 1, VaultIdentity::read);
        if (!P256.keyId(claimed.ceremonySpki()).equals(pin)) {
            throw new SealedFormatException(
                    "vault identity: expected the pinned ceremony key "
                            + pin
                            + "; this is another vault, or the pin is of another one");
        }
        envelope.verify(P256.publicKey(claimed.ceremonySpki()), PAYLOAD_TYPE);
        P256.publicKey(claimed.signingSpki());
        return claimed;
    }

    public byte[] encode() {
        return Canonical.of(DOMAIN, 1)
                .bytes(ceremonySpki)
                .bytes(signingSpki)
                .bytes(caCertificate)
                .text(module)
                .u8(level.number())
                .text(tee.label())
                .bytes(attestationRoot.bytes())
                .text(logOrigin)
                .toByteArray();
    }

    private static VaultIdentity read(CanonicalReader in) throws MalformedEncodingException {
        return new VaultIdentity(
                in.bytes("ceremony key", MAX_SPKI_BYTES),
                in.bytes("signing key", MAX_SPKI_BYTES),
                in.bytes("CA certificate", MAX_CERTIFICATE_BYTES),
                in.text("module", ImportCertificate.MAX_MODULE_BYTES),
                TrustLevel.ofNumber(in.u8("trust level")),
                Tee.ofLabel(in.text("tee", 16)),
                Statements.readDigest(in, "attestation root"),
                in.text("log origin", MAX_ORIGIN_BYTES));
    }
}
