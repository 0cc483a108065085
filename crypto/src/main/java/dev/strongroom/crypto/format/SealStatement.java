package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.security.SignatureException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a version is sealed now. Epoch 0 is signed by the owner, later ones by an attested node that
 * the content statement's {@code resealBy} names.
 *
 * @param epoch counts the seals of a version, from 0
 * @param previous digest of the manifest that this seal replaces; empty at epoch 0 only
 * @param contentDigest SHA-256 of the content statement's payload
 * @param importCiphertextDigest SHA-256 of the wrapping key T as it was encrypted to the token
 * @param ikmEnvelope under T: nonce 12, ciphertext, tag 16. The ciphertext is the content key, 32,
 *     and after epoch 0 also the root of the digest keys of epoch 0, 32
 * @param commitment HMAC-SHA256 that ties the content key to owner and version
 * @param files in the order of the content statement
 */
public record SealStatement(
        int epoch,
        Optional<Digest> previous,
        Digest contentDigest,
        Digest importCiphertextDigest,
        byte[] ikmEnvelope,
        byte[] commitment,
        List<SealedEntry> files) {
    public static final String PAYLOAD_TYPE = "application/vnd.strongroom.seal.v1";
    public static final int ENVELOPE_NONCE_BYTES = 12;
    public static final int ENVELOPE_TAG_BYTES = 16;

    /** Content key; root of the digest keys. */
    public static final int ENVELOPE_KEY_BYTES = 32;

    private static final int MAX_ENVELOPE_BYTES =
            ENVELOPE_NONCE_BYTES + 2 * ENVELOPE_KEY_BYTES + ENVELOPE_TAG_BYTES;
    public static final int COMMITMENT_BYTES = 32;

    /** One re-seal a second for thirty years; keeps a successor representable. */
    private static final int MAX_EPOCH = 1_000_000_000;

    private static final String DOMAIN = "strongroom/seal";

    public SealStatement {
        Strict.requireRange("epoch", epoch, 0, MAX_EPOCH);
        if (previous.isPresent() != epoch > 0) {
            throw new IllegalArgumentException("previous manifest: expected after epoch 0 only");
        }
        Strict.requireLength("ikm envelope", ikmEnvelope, envelopeBytes(epoch));
        Strict.requireLength("commitment", commitment, COMMITMENT_BYTES);
        Strict.requireRange("sealed files", files.size(), 1, ContentStatement.MAX_FILES);
        files = List.copyOf(files);
    }

    /** The first seal of a version. */
    public static SealStatement first(
            Digest contentDigest,
            Digest importCiphertextDigest,
            byte[] ikmEnvelope,
            byte[] commitment,
            List<SealedEntry> files) {
        return new SealStatement(
                0,
                Optional.empty(),
                contentDigest,
                importCiphertextDigest,
                ikmEnvelope,
                commitment,
                files);
    }

    /** How long the envelope of an epoch is. */
    public static int envelopeBytes(int epoch) {
        int keys = epoch == 0 ? 1 : 2;
        return ENVELOPE_NONCE_BYTES + keys * ENVELOPE_KEY_BYTES + ENVELOPE_TAG_BYTES;
    }

    /**
     * Signs it.
     *
     * @param signer the owner; after epoch 0 a node's key of its own for this seal
     */
    public Dsse sign(StatementSigner signer) throws SignatureException {
        return Dsse.sign(PAYLOAD_TYPE, encode(), signer);
    }

    public byte[] encode() {
        Canonical out =
                Canonical.of(DOMAIN, 1)
                        .u32(epoch)
                        .bytes(contentDigest.bytes())
                        .bytes(importCiphertextDigest.bytes())
                        .bytes(ikmEnvelope)
                        .bytes(commitment)
                        .u32(files.size());
        for (SealedEntry file : files) {
            out.u64(file.sealedBytes()).bytes(file.digest().bytes());
        }
        previous.ifPresent(digest -> out.bytes(digest.bytes()));
        return out.toByteArray();
    }

    static SealStatement decode(byte[] payload) throws SealedFormatException {
        return Strict.read(payload, Dsse.MAX_PAYLOAD_BYTES, DOMAIN, 1, SealStatement::read);
    }

    private static SealStatement read(CanonicalReader in) throws MalformedEncodingException {
        int epoch = in.u32("epoch");
        Digest contentDigest = Statements.readDigest(in, "content digest");
        Digest importDigest = Statements.readDigest(in, "import ciphertext digest");
        byte[] envelope = in.bytes("ikm envelope", MAX_ENVELOPE_BYTES);
        byte[] commitment = in.fixed("commitment", COMMITMENT_BYTES);
        List<SealedEntry> files = readFiles(in);
        Optional<Digest> previous =
                epoch == 0
                        ? Optional.empty()
                        : Optional.of(Statements.readDigest(in, "previous manifest"));
        return new SealStatement(
                epoch, previous, contentDigest, importDigest, envelope, commitment, files);
    }

    private static List<SealedEntry> readFiles(CanonicalReader in)
            throws MalformedEncodingException {
        int count = in.count("sealed files", ContentStatement.MAX_FILES);
        var files = new ArrayList<SealedEntry>();
        for (int i = 0; i < count; i++) {
            files.add(
                    new SealedEntry(
                            in.u64("sealed bytes"),
                            Digest.of(in.fixed("sealed digest", Digest.BYTES))));
        }
        return files;
    }
}
