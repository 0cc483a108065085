package dev.strongroom.crypto.custody.pkcs11;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.RSAPublicKeySpec;
import java.util.Arrays;

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

    /** Big-endian without a sign byte. */
    static byte[] unsigned(BigInteger number) {
        byte[] bytes = number.toByteArray();
        return bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
    }
}
