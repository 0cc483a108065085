package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import java.security.SignatureException;

/**
 * What one person says about one request, signed with that person's own key: a DSSE statement whose
 * payload is the request and whose payload type is the word. Unverified until {@link #verify}
 * returned.
 *
 * @param spki the signer's SubjectPublicKeyInfo, since the statement names the key by digest only
 */
public record ApprovalStatement(byte[] spki, Dsse statement) {
    /** The largest encoding: a request, its type, a signature and a key. */
    public static final int MAX_BYTES = 2048;

    private static final int SPKI_BYTES = 91; // P-256, uncompressed
    private static final String DOMAIN = "strongroom/approval-statement";

    /** The words that can be said; a signature under one is none under another. */
    public enum Word {
        REQUESTED("application/vnd.strongroom.approval-request.v1"),
        APPROVED("application/vnd.strongroom.approval.v1"),
        REJECTED("application/vnd.strongroom.rejection.v1");

        private final String payloadType;

        Word(String payloadType) {
            this.payloadType = payloadType;
        }
    }

    public ApprovalStatement {
        Strict.requireLength("key", spki, SPKI_BYTES);
        Strict.requireRange("signatures", statement.signatures().size(), 1, 1);
    }

    /**
     * Signs.
     *
     * @param spki of the signer's key
     */
    public static ApprovalStatement sign(
            Word word, ApprovalRequest request, StatementSigner signer, byte[] spki)
            throws SignatureException {
        return new ApprovalStatement(spki, Dsse.sign(word.payloadType, request.encode(), signer));
    }

    /** Who speaks, once verified: SHA-256 of the key. */
    public Digest signer() {
        return P256.keyId(spki);
    }

    /**
     * The request that it is about, once it is known that the key said this word.
     *
     * @throws SealedFormatException when it is another word, another key's signature, or a request
     *     by somebody else
     */
    public ApprovalRequest verify(Word expected) throws SealedFormatException {
        byte[] payload = statement.verify(P256.publicKey(spki), expected.payloadType);
        ApprovalRequest request = ApprovalRequest.decode(payload);
        if (expected == Word.REQUESTED && !request.requester().equals(signer())) {
            throw new SealedFormatException(
                    "approval request: it names another requester than the key that signed it");
        }
        return request;
    }

    public byte[] encode() {
        return Canonical.of(DOMAIN, 1).bytes(spki).bytes(statement.encode()).toByteArray();
    }

    public static ApprovalStatement decode(byte[] encoded) throws SealedFormatException {
        byte[][] parts =
                Strict.read(
                        encoded,
                        MAX_BYTES,
                        DOMAIN,
                        1,
                        in ->
                                new byte[][] {
                                    in.fixed("key", SPKI_BYTES), in.bytes("statement", MAX_BYTES)
                                });
        try {
            return new ApprovalStatement(parts[0], Dsse.decode(parts[1]));
        } catch (IllegalArgumentException e) {
            throw new SealedFormatException(DOMAIN + ": " + e.getMessage(), e);
        }
    }
}
