package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Attested;
import dev.strongroom.attestation.Challenge;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.SealingKey;
import dev.strongroom.attestation.Verdict;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.policy.ReleasePolicy;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A version as its owner signed it and, after the first seal, as an attested node sealed it anew:
 * anyone may hold it, nobody believes it before {@link #verify(Digest, EvidenceVerifier)}.
 *
 * @param ownerSpki SubjectPublicKeyInfo of the owner root
 * @param content signed {@link ContentStatement}
 * @param seal signed {@link SealStatement}
 * @param proof of the node that sealed; empty for the owner's own seal
 */
public record Manifest(byte[] ownerSpki, Dsse content, Dsse seal, Optional<ResealProof> proof) {
    /** 64 files take 24 KiB, text 8, a proof 6. */
    public static final int MAX_BYTES = 64 * 1024;

    private static final int MAX_SPKI_BYTES = 128;
    private static final String DOMAIN = "strongroom/manifest";
    private static final String DIGEST_DOMAIN = "strongroom/manifest-digest";

    /** As the owner seals. */
    public Manifest(byte[] ownerSpki, Dsse content, Dsse seal) {
        this(ownerSpki, content, seal, Optional.empty());
    }

    public byte[] encode() {
        return Canonical.of(DOMAIN, 1)
                .bytes(ownerSpki)
                .bytes(content.encode())
                .bytes(seal.encode())
                .bytes(proof.map(ResealProof::encode).orElse(new byte[0]))
                .toByteArray();
    }

    /** Reads a manifest; nothing in it is authentic yet. */
    public static Manifest decode(byte[] encoded) throws SealedFormatException {
        record Parts(byte[] ownerSpki, byte[] content, byte[] seal, byte[] proof) {}
        Parts parts =
                Strict.read(
                        encoded,
                        MAX_BYTES,
                        DOMAIN,
                        1,
                        in ->
                                new Parts(
                                        in.bytes("owner key", MAX_SPKI_BYTES),
                                        in.bytes("content", MAX_BYTES),
                                        in.bytes("seal", MAX_BYTES),
                                        in.bytes("proof", ResealProof.MAX_BYTES)));
        return new Manifest(
                parts.ownerSpki(),
                Dsse.decode(parts.content()),
                Dsse.decode(parts.seal()),
                parts.proof().length == 0
                        ? Optional.empty()
                        : Optional.of(ResealProof.decode(parts.proof())));
    }

    /**
     * Names the version down to its seal: SHA-256 over owner key and both payloads. Signatures are
     * left out, because ECDSA has more than one for a message, and so is the proof, whose evidence
     * speaks for this digest.
     */
    public Digest digest() {
        return Digest.sha256(
                Canonical.of(DIGEST_DOMAIN, 1)
                        .bytes(ownerSpki)
                        .bytes(content.payload())
                        .bytes(seal.payload())
                        .toByteArray());
    }

    /**
     * Checks a version as its owner sealed it: everything that can be checked without a key.
     *
     * @param ownerId whom to believe; never taken from the manifest itself
     * @throws SealedFormatException with what was expected; a seal renewed by a node is refused
     */
    public VerifiedManifest verify(Digest ownerId) throws SealedFormatException {
        ContentStatement statement = verifyContent(ownerId);
        SealStatement sealing = SealStatement.decode(seal.payload());
        if (sealing.epoch() != 0 || proof.isPresent()) {
            throw new SealedFormatException(
                    "seal statement: epoch "
                            + sealing.epoch()
                            + ", expected 0, the owner's own seal without a node's proof");
        }
        seal.verify(P256.publicKey(ownerSpki), SealStatement.PAYLOAD_TYPE);
        requireOfContent(sealing, statement);
        return new VerifiedManifest(this, statement, sealing, Optional.empty());
    }

    /**
     * Checks a version whoever sealed it: the owner, or a node of a measurement that the owner's
     * content statement names in {@code resealBy}, attested and launched for this owner. Whether a
     * later seal exists is for the caller to remember.
     *
     * @param ownerId whom to believe; never taken from the manifest itself
     * @param verifier of the node's evidence, under the caller's own roots
     * @throws SealedFormatException with what was expected
     */
    public VerifiedManifest verify(Digest ownerId, EvidenceVerifier verifier)
            throws SealedFormatException {
        SealStatement sealing = SealStatement.decode(seal.payload());
        if (sealing.epoch() == 0) {
            return verify(ownerId);
        }
        ContentStatement statement = verifyContent(ownerId);
        requireOfContent(sealing, statement);
        ResealProof shown =
                proof.orElseThrow(() ->
                        new SealedFormatException(
                                "seal statement: epoch "
                                        + sealing.epoch()
                                        + ", expected a proof of the node that sealed"));
        Attested<SealingKey> sealer = verifySealer(statement, shown, verifier);
        seal.verify(P256.publicKey(sealer.value().spki()), SealStatement.PAYLOAD_TYPE);
        return new VerifiedManifest(this, statement, sealing, Optional.of(sealer));
    }

    private ContentStatement verifyContent(Digest ownerId) throws SealedFormatException {
        if (!P256.keyId(ownerSpki).equals(ownerId)) {
            throw new SealedFormatException("manifest: expected a key of owner " + ownerId);
        }
        byte[] payload = content.verify(P256.publicKey(ownerSpki), ContentStatement.PAYLOAD_TYPE);
        ContentStatement statement = ContentStatement.decode(payload);
        if (!statement.ownerId().equals(ownerId)) {
            throw new SealedFormatException("content statement: expected owner " + ownerId);
        }
        return statement;
    }

    private void requireOfContent(SealStatement sealing, ContentStatement statement)
            throws SealedFormatException {
        if (!sealing.contentDigest().equals(Digest.sha256(content.payload()))) {
            throw new SealedFormatException("seal statement: made for another content statement");
        }
        requireSizes(statement.files(), sealing.files());
    }

    /** The nonce was the vault's to use up; what the evidence speaks for stays true. */
    private Attested<SealingKey> verifySealer(
            ContentStatement statement, ResealProof shown, EvidenceVerifier verifier)
            throws SealedFormatException {
        if (statement.resealBy().isEmpty()) {
            throw new SealedFormatException(
                    "seal statement: renewed by a node, but the owner lets none");
        }
        var challenge = Challenge.reseal(shown.transcript(statement, digest()), Instant.MAX);
        var allowed = ReleasePolicy.ofMeasurements(statement.resealBy());
        return switch (verifier.verify(shown.evidence(), challenge, allowed)) {
            case Verdict.Trusted<SealingKey>(Attested<SealingKey> sealer) -> sealer;
            case Verdict.Refused<SealingKey>(String rule, String reason) ->
                    throw new SealedFormatException(
                            "seal statement: the evidence of the node that sealed was refused by "
                                    + rule
                                    + ": "
                                    + reason);
        };
    }

    private static void requireSizes(List<FileEntry> files, List<SealedEntry> sealed)
            throws SealedFormatException {
        if (files.size() != sealed.size()) {
            throw new SealedFormatException(
                    "seal statement: expected " + files.size() + " files, got " + sealed.size());
        }
        for (int i = 0; i < files.size(); i++) {
            long expected = new SegmentGeometry(files.get(i).plaintextBytes()).sealedBytes();
            long actual = sealed.get(i).sealedBytes();
            if (actual != expected) {
                throw new SealedFormatException(
                        "seal statement: file "
                                + i
                                + ": expected "
                                + expected
                                + " sealed bytes, got "
                                + actual);
            }
        }
    }
}
