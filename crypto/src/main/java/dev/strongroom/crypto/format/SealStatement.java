package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import java.security.SignatureException;
import java.util.ArrayList;
import java.util.List;

/**
 * How a version is sealed now. Epoch 0 is signed by the owner.
 *
 * @param contentDigest SHA-256 of the content statement's payload
 * @param importCiphertextDigest SHA-256 of the wrapping key T as it was encrypted to the token
 * @param ikmEnvelope the content key under T: nonce 12, ciphertext 32, tag 16
 * @param commitment HMAC-SHA256 that ties the content key to owner and version
 * @param files in the order of the content statement
 */
public record SealStatement(
        int epoch,
        Digest contentDigest,
        Digest importCiphertextDigest,
        byte[] ikmEnvelope,
        byte[] commitment,
        List<SealedEntry> files) {
    public static final String PAYLOAD_TYPE = "application/vnd.strongroom.seal.v1";
    public static final int IKM_ENVELOPE_BYTES = 12 + 32 + 16;
    public static final int COMMITMENT_BYTES = 32;
    private static final String DOMAIN = "strongroom/seal";

    public SealStatement {
        Strict.requireRange("epoch", epoch, 0, Integer.MAX_VALUE);
        Strict.requireLength("ikm envelope", ikmEnvelope, IKM_ENVELOPE_BYTES);
        Strict.requireLength("commitment", commitment, COMMITMENT_BYTES);
        Strict.requireRange("sealed files", files.size(), 1, ContentStatement.MAX_FILES);
        files = List.copyOf(files);
    }

    public Dsse sign(StatementSigner owner) throws SignatureException {
        return Dsse.sign(PAYLOAD_TYPE, encode(), owner);
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
        return out.toByteArray();
    }

    static SealStatement decode(byte[] payload) throws SealedFormatException {
        return Strict.read(payload, Dsse.MAX_PAYLOAD_BYTES, DOMAIN, 1, SealStatement::read);
    }

    private static SealStatement read(CanonicalReader in) throws MalformedEncodingException {
        return new SealStatement(
                in.u32("epoch"),
                Digest.of(in.fixed("content digest", Digest.BYTES)),
                Digest.of(in.fixed("import ciphertext digest", Digest.BYTES)),
                in.fixed("ikm envelope", IKM_ENVELOPE_BYTES),
                in.fixed("commitment", COMMITMENT_BYTES),
                readFiles(in));
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
