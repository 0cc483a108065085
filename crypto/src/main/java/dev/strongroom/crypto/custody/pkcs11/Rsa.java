package dev.strongroom.crypto.custody.pkcs11;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.CustodyException.Reason;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** RSA public keys between their encoding and a token's numbers. */
final class Rsa {
    private Rsa() {}

    /** SubjectPublicKeyInfo of a modulus and exponent as a token gives them. */
    static byte[] spki(byte[] modulus, byte[] exponent) {
        var numbers = new RSAPublicKeySpec(new BigInteger(1, modulus), new BigInteger(1, exponent));
        try {
            return KeyFactory.getInstance("RSA").generatePublic(numbers).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the token's own RSA key is not one", e);
        }
    }

    /** Reads an enclave's KEM key: RSA-3072, exponent 65537, the one DER encoding of it. */
    static RSAPublicKey recipient(byte[] spki) throws CustodyException {
        try {
            var key =
                    (RSAPublicKey)
                            KeyFactory.getInstance("RSA")
                                    .generatePublic(new X509EncodedKeySpec(spki));
            if (key.getModulus().bitLength() != Templates.RSA_BITS
                    || !key.getPublicExponent().equals(BigInteger.valueOf(65537))
                    || !Arrays.equals(key.getEncoded(), spki)) {
                throw refused(null);
            }
            return key;
        } catch (GeneralSecurityException e) {
            throw refused(e);
        }
    }

    /** Big-endian without a sign byte. */
    static byte[] unsigned(BigInteger number) {
        byte[] bytes = number.toByteArray();
        return bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
    }

    private static CustodyException refused(@Nullable Throwable cause) {
        return new CustodyException(
                Reason.RELEASE_KEY_REFUSED,
                "KEM key: expected RSA-3072 with exponent 65537 in DER",
                cause);
    }
}
