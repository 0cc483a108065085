package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.SignatureException;
import java.util.ArrayList;
import java.util.List;

/**
 * A signed statement: the signature scheme of DSSE v1 (secure-systems-lab/dsse, protocol.md) around
 * a canonical payload, itself in canonical encoding instead of JSON. The payload says nothing until
 * {@link #verify} returned it.
 *
 * @param payloadType what the payload is; signed with it
 */
public record Dsse(String payloadType, byte[] payload, List<Signature> signatures) {
    public static final int MAX_PAYLOAD_BYTES = 64 * 1024;
    private static final int MAX_TYPE_BYTES = 128;
    private static final int MAX_SIGNATURES = 8;

    /** The largest encoding: payload, type, signatures and the lengths between them. */
    public static final int MAX_BYTES = MAX_PAYLOAD_BYTES + 2 * 1024;

    private static final String DOMAIN = "strongroom/dsse";

    /**
     * One signature over the statement.
     *
     * @param keyId SHA-256 of the signer's SubjectPublicKeyInfo
     * @param bytes ECDSA P-256 with SHA-256 over the pre-authentication encoding, ASN.1 DER
     */
    public record Signature(Digest keyId, byte[] bytes) {
        public Signature {
            Strict.requireAtMost("signature bytes", bytes.length, P256.MAX_SIGNATURE_BYTES);
        }
    }

    public Dsse {
        Strict.requireAtMost("payload type", payloadType.length(), MAX_TYPE_BYTES);
        Strict.requireAtMost("payload bytes", payload.length, MAX_PAYLOAD_BYTES);
        Strict.requireRange("signatures", signatures.size(), 1, MAX_SIGNATURES);
        signatures = List.copyOf(signatures);
    }

    /** Signs a payload. */
    public static Dsse sign(String payloadType, byte[] payload, StatementSigner signer)
            throws SignatureException {
        byte[] signature = signer.sign(pae(payloadType, payload));
        return new Dsse(payloadType, payload, List.of(new Signature(signer.keyId(), signature)));
    }

    /**
     * The payload, once it is known to be signed by the key and of the expected type.
     *
     * @throws SealedFormatException when the type is another or no signature is the key's
     */
    public byte[] verify(PublicKey key, String expectedType) throws SealedFormatException {
        if (!payloadType.equals(expectedType)) {
            throw new SealedFormatException("statement: expected type " + expectedType);
        }
        Digest keyId = P256.keyId(key.getEncoded());
        byte[] message = pae();
        for (Signature signature : signatures) {
            if (signature.keyId().equals(keyId) && P256.verifies(key, message, signature.bytes())) {
                return payload;
            }
        }
        throw new SealedFormatException(
                expectedType + ": no valid signature by the expected key " + keyId);
    }

    /** Pre-authentication encoding: what is signed. */
    public byte[] pae() {
        return pae(payloadType, payload);
    }

    private static byte[] pae(String payloadType, byte[] payload) {
        byte[] type = payloadType.getBytes(StandardCharsets.UTF_8);
        var out = new ByteArrayOutputStream(payload.length + type.length + 32);
        out.writeBytes(("DSSEv1 " + type.length + " ").getBytes(StandardCharsets.UTF_8));
        out.writeBytes(type);
        out.writeBytes((" " + payload.length + " ").getBytes(StandardCharsets.UTF_8));
        out.writeBytes(payload);
        return out.toByteArray();
    }

    public byte[] encode() {
        Canonical out =
                Canonical.of(DOMAIN, 1).text(payloadType).bytes(payload).u32(signatures.size());
        for (Signature signature : signatures) {
            out.bytes(signature.keyId().bytes()).bytes(signature.bytes());
        }
        return out.toByteArray();
    }

    /** Reads an envelope; nothing in it is authentic yet. */
    public static Dsse decode(byte[] encoded) throws SealedFormatException {
        return Strict.read(
                encoded,
                MAX_BYTES,
                DOMAIN,
                1,
                in -> {
                    String type = in.text("payload type", MAX_TYPE_BYTES);
                    byte[] payload = in.bytes("payload", MAX_PAYLOAD_BYTES);
                    int count = in.count("signatures", MAX_SIGNATURES);
                    var signatures = new ArrayList<Signature>();
                    for (int i = 0; i < count; i++) {
                        signatures.add(
                                new Signature(
                                        Digest.of(in.fixed("key id", Digest.BYTES)),
                                        in.bytes("signature", P256.MAX_SIGNATURE_BYTES)));
                    }
                    return new Dsse(type, payload, signatures);
                });
    }
}
