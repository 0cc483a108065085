package dev.strongroom.agent;

import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.PartStatement;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAKeyGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import javax.crypto.Cipher;

/** The one kind of one-shot key that a part is encrypted to. */
final class NodeKey {
    private NodeKey() {}

    static boolean isUsable(byte[] spki) {
        try {
            return publicKey(spki) instanceof RSAPublicKey key
                    && key.getModulus().bitLength() == PartStatement.KEY_BITS
                    && key.getPublicExponent().equals(RSAKeyGenParameterSpec.F4);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** RSA-OAEP SHA-256 of a part to a usable key. */
    static byte[] encrypt(byte[] part, byte[] spki, SecureRandom random)
            throws GeneralSecurityException {
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
        oaep.init(Cipher.ENCRYPT_MODE, publicKey(spki), OaepHash.SHA256.parameters(), random);
        return oaep.doFinal(part);
    }

    private static PublicKey publicKey(byte[] spki) throws GeneralSecurityException {
        return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(spki));
    }
}
