package dev.strongroom.crypto.transparency;

import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;

/** A witness's key, made for a test. */
public final class Witness {
    private Witness() {}

    public static Cosigner named(String name) {
        try {
            return new Cosigner(name, KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has Ed25519", e);
        }
    }
}
