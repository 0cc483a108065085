package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.security.SignatureException;

/**
 * A node's word for the mark that it is about to put into its copy of the weights, signed by the
 * TLS key that its evidence spoke for. In the log before the mark is used, it keeps anybody, the
 * owner included, from choosing a key that fits a suspect afterwards.
 *
 * @param bootId of the node process
 * @param manifestDigest of the version in the seal that was opened
 * @param releaseLeaf index of the release that the data key came with
 * @param commitment SHA-256 over the recipient's key
 */
public record FingerprintCommitment(
        byte[] bootId,
        ModelName model,
        VersionId versionId,
        Digest manifestDigest,
        long releaseLeaf,
        Digest commitment) {
    public static final String PAYLOAD_TYPE =
            "application/vnd.strongroom.fingerprint-commitment.v1";
    private static final int MAX_BYTES = 512;
    private static final String DOMAIN = "strongroom/fingerprint-commitment";

    public FingerprintCommitment {
        Strict.requireLength("boot id", bootId, Transcript.BOOT_ID_BYTES);
        Strict.requireRange("release leaf", releaseLeaf, 0, Long.MAX_VALUE);
    }

    /**
     * Signs with the node's attested TLS key.
     *
     * @throws SignatureException if the key does not sign
     */
    public Dsse sign(StatementSigner node) throws SignatureException {
        return Dsse.sign(PAYLOAD_TYPE, encode(), node);
    }

    /**
     * Checks that a node signed the statement.
     *
     * @param tlsSpki the key that the log names for the node's release
     */
    public static FingerprintCommitment verify(Dsse envelope, byte[] tlsSpki)
            throws SealedFormatException {
        byte[] payload = envelope.verify(P256.publicKey(tlsSpki), PAYLOAD_TYPE);
        return Strict.read(payload, MAX_BYTES, DOMAIN, 1, FingerprintCommitment::read);
    }

    public byte[] encode() {
        Canonical out = Canonical.of(DOMAIN, 1).bytes(bootId);
        return Statements.writeModel(out, model)
                .bytes(versionId.bytes())
                .bytes(manifestDigest.bytes())
                .u64(releaseLeaf)
                .bytes(commitment.bytes())
                .toByteArray();
    }

    private static FingerprintCommitment read(CanonicalReader in)
            throws MalformedEncodingException {
        return new FingerprintCommitment(
                in.fixed("boot id", Transcript.BOOT_ID_BYTES),
                Statements.readModel(in),
                VersionId.of(in.fixed("version id", VersionId.BYTES)),
                Statements.readDigest(in, "manifest digest"),
                in.u64("release leaf"),
                Statements.readDigest(in, "commitment"));
    }
}
