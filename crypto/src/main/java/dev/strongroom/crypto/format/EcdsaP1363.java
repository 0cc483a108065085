package dev.strongroom.crypto.format;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Arrays;

/** ECDSA P-256 signatures as JOSE has them: r and s, 32 bytes each (RFC 7518, section 3.4). */
final class EcdsaP1363 {
    static final int BYTES = 64;

    private static final int SCALAR_BYTES = BYTES / 2;
    private static final int SEQUENCE = 0x30;
    private static final int INTEGER = 0x02;

    private EcdsaP1363() {}

    /**
     * The same signature as two numbers.
     *
     * @param der what a {@link StatementSigner} makes
     * @throws SignatureException when it made something else
     */
    static byte[] ofDer(byte[] der) throws SignatureException {
        if (der.length < 8
                || der.length > P256.MAX_SIGNATURE_BYTES
                || der[0] != SEQUENCE
                || der[1] != der.length - 2) {
            throw new SignatureException("expected an ECDSA signature of P-256 in DER");
        }
        int afterR = integerEnd(der, 2);
        if (integerEnd(der, afterR) != der.length) {
            throw new SignatureException("expected two numbers in the signature");
        }
        byte[] both = new byte[BYTES];
        put(both, 0, Arrays.copyOfRange(der, 4, afterR));
        put(both, SCALAR_BYTES, Arrays.copyOfRange(der, afterR + 2, der.length));
        return both;
    }

    private static int integerEnd(byte[] der, int at) throws SignatureException {
        if (at + 2 > der.length || der[at] != INTEGER || der[at + 1] < 1) {
            throw new SignatureException("expected a number in the signature");
        }
        int end = at + 2 + der[at + 1];
        if (end > der.length) {
            throw new SignatureException("a number of the signature is cut off");
        }
        return end;
    }

    private static void put(byte[] both, int at, byte[] number) throws SignatureException {
        byte[] magnitude = new BigInteger(1, number).toByteArray();
        int from = magnitude.length > 1 && magnitude[0] == 0 ? 1 : 0;
        int length = magnitude.length - from;
        if (length > SCALAR_BYTES) {
            throw new SignatureException("a number of the signature is too large");
        }
        System.arraycopy(magnitude, from, both, at + SCALAR_BYTES - length, length);
    }

    /** True when the signature over the message is this key's; false for any other bytes. */
    static boolean verifies(PublicKey key, byte[] message, byte[] signature) {
        if (signature.length != BYTES) {
            return false;
        }
        try {
            Signature ecdsa = Signature.getInstance("SHA256withECDSAinP1363Format");
            ecdsa.initVerify(key);
            ecdsa.update(message);
            return ecdsa.verify(signature);
        } catch (SignatureException e) {
            return false; // numbers out of range
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has ECDSA in this form", e);
        }
    }
}
