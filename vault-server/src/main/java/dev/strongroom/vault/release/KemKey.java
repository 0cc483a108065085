package dev.strongroom.vault.release;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAKeyGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;

/** The one kind of ephemeral key that a data key is wrapped to. */
final class KemKey {
    private static final int BITS = 3072;

    private KemKey() {}

    static boolean isUsable(byte[] spki) {
        try {
            return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(spki))
                            instanceof RSAPublicKey key
                    && key.getModulus().bitLength() == BITS
                    && key.getPublicExponent().equals(RSAKeyGenParameterSpec.F4);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
