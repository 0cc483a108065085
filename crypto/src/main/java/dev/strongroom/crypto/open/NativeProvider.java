package dev.strongroom.crypto.open;

import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.Provider;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import org.conscrypt.Conscrypt;

/**
 * Conscrypt, asked for by instance and never installed: the one JCA provider that opens AES-GCM
 * from direct to direct memory and keeps RSA keys outside the Java heap.
 */
final class NativeProvider {
    private static final Provider PROVIDER = Conscrypt.newProvider();

    private NativeProvider() {}

    static Cipher cipher(String transformation) {
        try {
            return Cipher.getInstance(transformation, PROVIDER);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt has " + transformation, e);
        }
    }

    static Mac mac(String algorithm) {
        try {
            return Mac.getInstance(algorithm, PROVIDER);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt has " + algorithm, e);
        }
    }

    static KeyPairGenerator rsa() {
        try {
            return KeyPairGenerator.getInstance("RSA", PROVIDER);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt has RSA", e);
        }
    }
}
