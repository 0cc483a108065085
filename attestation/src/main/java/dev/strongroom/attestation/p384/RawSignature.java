package dev.strongroom.attestation.p384;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;

/** ECDSA signatures over P-384 with SHA-384 as r ‖ s, big-endian, 48 bytes each. */
public final class RawSignature {
    public static final int BYTES = 96;

    private RawSignature() {}

    /** Whether the key signed the message; numbers out of range are a wrong signature. */
    public static boolean verifies(PublicKey key, byte[] message, byte[] signature) {
        try {
            var ecdsa = Signature.getInstance("SHA384withECDSAinP1363Format");
            ecdsa.initVerify(key);
            ecdsa.update(message);
            return ecdsa.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
