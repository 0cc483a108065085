package dev.strongroom.crypto.seal;

/** Lets tests of other packages see what production code never shows. */
public final class TestSecrets {
    private TestSecrets() {}

    public static byte[] contentKey(VersionSecrets secrets) {
        return secrets.derive(byte[]::clone);
    }

    public static byte[] wrappingKey(VersionSecrets secrets) {
        return secrets.wrappingKey();
    }
}
