package dev.strongroom.crypto.format;

import dev.strongroom.attestation.encoding.Canonical;
import java.security.SignatureException;
import java.util.List;

/**
 * An earlier signing key's last word: which key follows it, and where in the log it ended. What it
 * signed about the leaves before stays valid; nothing that it signs about a later one is.
 *
 * @param spki the earlier key
 * @param end the leaf that says so, of the vault's log
 * @param signature the earlier key's, over this record and the key that follows
 */
public record KeySuccession(byte[] spki, long end, byte[] signature) {
    private static final String PAYLOAD_TYPE = "application/vnd.strongroom.key-succession.v1";
    private static final String DOMAIN = "strongroom/key-succession";

    public KeySuccession {
        Strict.requireAtMost("earlier key bytes", spki.length, VaultIdentity.MAX_SPKI_BYTES);
        Strict.requireAtMost("signature bytes", signature.length, P256.MAX_SIGNATURE_BYTES);
    }

    /**
     * Signs as the key that ends.
     *
     * @param origin of the vault's log
     * @param next the key that follows
     */
    public static KeySuccession sign(
            String origin, StatementSigner ending, byte[] endingSpki, long end, byte[] next)
            throws SignatureException {
        if (!ending.keyId().equals(P256.keyId(endingSpki))) {
            throw new IllegalArgumentException("key succession: signer is not the key that ends");
        }
        byte[] payload = payload(origin, endingSpki, end, next);
        Dsse signed = Dsse.sign(PAYLOAD_TYPE, payload, ending);
        return new KeySuccession(endingSpki, end, signed.signatures().getFirst().bytes());
    }

    /** Refuses a succession that the earlier key did not sign, or to another key. */
    void verify(String origin, byte[] next) throws SealedFormatException {
        var envelope =
                new Dsse(
                        PAYLOAD_TYPE,
                        payload(origin, spki, end, next),
                        List.of(new Dsse.Signature(P256.keyId(spki), signature)));
        envelope.verify(P256.publicKey(spki), PAYLOAD_TYPE);
    }

    private static byte[] payload(String origin, byte[] spki, long end, byte[] next) {
        return Canonical.of(DOMAIN, 1).text(origin).bytes(spki).u64(end).bytes(next).toByteArray();
    }
}
