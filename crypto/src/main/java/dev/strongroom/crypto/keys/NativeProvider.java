package dev.strongroom.crypto.keys;

import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Provider;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import org.conscrypt.Conscrypt;

/**
 * Conscrypt, asked for by instance and never installed: the one JCA provider that works from direct
 * to direct memory and keeps RSA keys outside the Java heap. It is as fast at the first byte as at
 * the last, where the JDK's ciphers wait for the optimising compiler.
 */
public final class NativeProvider {
    private static final Provider PROVIDER = Conscrypt.newProvider();

    private NativeProvider() {}

    public static Cipher cipher(String transformation) {
        try {
            return Cipher.getInstance(transformation, PROVIDER);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt has " + transformation, e);
        }
    }

    public static Mac mac(String algorithm) {
        try {
            return Mac.getInstance(algorithm, PROVIDER);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt has " + algorithm, e);
        }
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256", PROVIDER);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt has SHA-256", e);
        }
    }

    public static KeyPairGenerator rsa() {
        try {
            return KeyPairGenerator.getInstance("RSA", PROVIDER);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt has RSA", e);
        }
    }
}
