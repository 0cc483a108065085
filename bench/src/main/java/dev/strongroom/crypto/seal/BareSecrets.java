package dev.strongroom.crypto.seal;

/** The content key of secrets that are about to seal. */
public final class BareSecrets {
    private BareSecrets() {}

    public static byte[] contentKey(VersionSecrets secrets) {
        return secrets.derive(byte[]::clone);
    }
}
