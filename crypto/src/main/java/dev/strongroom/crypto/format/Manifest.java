package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import java.util.List;

/**
 * A version as its owner signed it: anyone may hold it, nobody believes it before {@link #verify}.
 *
 * @param ownerSpki SubjectPublicKeyInfo of the owner root
 * @param content signed {@link ContentStatement}
 * @param seal signed {@link SealStatement}
 */
public record Manifest(byte[] ownerSpki, Dsse content, Dsse seal) {
    /** 64 files take 8 KiB; the rest is text. */
    public static final int MAX_BYTES = 64 * 1024;

    private static final int MAX_SPKI_BYTES = 128;
    private static final String DOMAIN = "strongroom/manifest";
    private static final String DIGEST_DOMAIN = "strongroom/manifest-digest";

    public byte[] encode() {
        return Canonical.of(DOMAIN, 1)
                .bytes(ownerSpki)
                .bytes(content.encode())
                .bytes(seal.encode())
                .toByteArray();
    }

    /** Reads a manifest; nothing in it is authentic yet. */
    public static Manifest decode(byte[] encoded) throws SealedFormatException {
        record Parts(byte[] ownerSpki, byte[] content, byte[] seal) {}
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
                                        in.bytes("seal", MAX_BYTES)));
        return new Manifest(
                parts.ownerSpki(), Dsse.decode(parts.content()), Dsse.decode(parts.seal()));
    }

    /**
     * Names the version down to its seal: SHA-256 over owner key and both payloads. Signatures are
     * left out, because ECDSA has more than one for a message.
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
     * Checks everything that can be checked without a key: owner, both signatures, that the seal is
     * of this content, sizes and names.
     *
     * @param ownerId whom to believe; never taken from the manifest itself
     * @throws SealedFormatException with what was expected
     */
    public VerifiedManifest verify(Digest ownerId) throws SealedFormatException {
        if (!P256.keyId(ownerSpki).equals(ownerId)) {
            throw new SealedFormatException("manifest: expected a key of owner " + ownerId);
        }
        var owner = P256.publicKey(ownerSpki);
        byte[] contentPayload = content.verify(owner, ContentStatement.PAYLOAD_TYPE);
        var statement = ContentStatement.decode(contentPayload);
        if (!statement.ownerId().equals(ownerId)) {
            throw new SealedFormatException("content statement: expected owner " + ownerId);
        }
        var sealing = SealStatement.decode(seal.payload());
        if (sealing.epoch() != 0) {
            throw new SealedFormatException(
                    "seal statement: epoch "
                            + sealing.epoch()
                            + ", expected 0: seals renewed by a node are not accepted");
        }
        seal.verify(owner, SealStatement.PAYLOAD_TYPE);
        if (!sealing.contentDigest().equals(Digest.sha256(contentPayload))) {
            throw new SealedFormatException("seal statement: made for another content statement");
        }
        requireSizes(statement.files(), sealing.files());
        return new VerifiedManifest(this, statement, sealing);
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
