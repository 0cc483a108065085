package dev.strongroom.crypto.seal;

/** The content key of secrets, for tests that open what they sealed. */
public final class ContentKeys {
    private ContentKeys() {}

    public static byte[] of(VersionSecrets secrets) {
        return secrets.derive(byte[]::clone);
    }
}
