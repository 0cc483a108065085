package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.util.List;

/**
 * Why a renewed seal may be believed: evidence that a node of an allowed measurement, launched for
 * this owner, holds the key that signed it. It says nothing before {@link Manifest#verify(Digest,
 * dev.strongroom.attestation.EvidenceVerifier)}; everything the evidence speaks for that is not
 * here is taken from the manifest.
 *
 * @param sealerSpki P-256 key that signed the seal statement
 * @param nonce the vault's
 * @param vaultKeyId SHA-256 of the vault's signing key
 * @param policies in force when the seal was renewed, release policy first
 * @param posture what the node claimed
 * @param bootId of the node process
 */
public record ResealProof(
        byte[] sealerSpki,
        byte[] nonce,
        Digest vaultKeyId,
        List<PolicyReference> policies,
        Posture posture,
        byte[] bootId,
        Evidence evidence) {
    /** A report and its chain take 6 KiB, a quote with its collateral 40; a manifest holds 64. */
    public static final int MAX_BYTES = 48 * 1024;

    private static final int MAX_SPKI_BYTES = 128;
    private static final String DOMAIN = "strongroom/reseal-proof";

    public ResealProof {
        Strict.requireLength("nonce", nonce, Transcript.NONCE_BYTES);
        Strict.requireLength("boot id", bootId, Transcript.BOOT_ID_BYTES);
        policies = List.copyOf(policies);
    }

    /** What the evidence must speak for. */
    public static Transcript transcript(
            ContentStatement content,
            Digest manifestDigest,
            byte[] sealerSpki,
            byte[] nonce,
            Digest vaultKeyId,
            List<PolicyReference> policies,
            Posture posture,
            byte[] bootId) {
        return new Transcript(
                Role.RESEAL,
                nonce,
                new byte[0],
                sealerSpki,
                vaultKeyId,
                NodeOwners.alone(content.ownerId()),
                content.model().tenant().value(),
                manifestDigest,
                policies,
                posture,
                bootId);
    }

    Transcript transcript(ContentStatement content, Digest manifestDigest) {
        return transcript(
                content, manifestDigest, sealerSpki, nonce, vaultKeyId, policies, posture, bootId);
    }

    public byte[] encode() {
        Canonical out =
                Canonical.of(DOMAIN, 1).bytes(sealerSpki).bytes(nonce).bytes(vaultKeyId.bytes());
        Statements.writePolicies(out, policies);
        out.u8(posture.level()).bytes(bootId).bytes(evidence.encode());
        return out.toByteArray();
    }

    static ResealProof decode(byte[] encoded) throws SealedFormatException {
        return Strict.read(encoded, MAX_BYTES, DOMAIN, 1, ResealProof::read);
    }

    private static ResealProof read(CanonicalReader in) throws MalformedEncodingException {
        return new ResealProof(
                in.bytes("sealer key", MAX_SPKI_BYTES),
                in.fixed("nonce", Transcript.NONCE_BYTES),
                Statements.readDigest(in, "vault key id"),
                Statements.readPolicies(in),
                Posture.ofLevel(in.u8("posture")),
                in.fixed("boot id", Transcript.BOOT_ID_BYTES),
                Evidence.decode(in.bytes("evidence", MAX_BYTES)));
    }
}
