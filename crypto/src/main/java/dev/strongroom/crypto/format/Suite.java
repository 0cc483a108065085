package dev.strongroom.crypto.format;

/**
 * Every algorithm a version is sealed with, as one number. Both suites seal files as Tink's
 * AES256-GCM-HKDF streaming AEAD (HKDF-SHA256, 1 MiB segments).
 */
public enum Suite {
    AES256_GCM_HKDF_1MB_OAEP_SHA1(1, "AES256_GCM_HKDF_1MB+RSA_OAEP_SHA1", OaepHash.SHA1),
    AES256_GCM_HKDF_1MB_OAEP_SHA256(2, "AES256_GCM_HKDF_1MB+RSA_OAEP_SHA256", OaepHash.SHA256);

    private final int number;
    private final String label;
    private final OaepHash oaepHash;

    Suite(int number, String label, OaepHash oaepHash) {
        this.number = number;
        this.label = label;
        this.oaepHash = oaepHash;
    }

    public int number() {
        return number;
    }

    public String label() {
        return label;
    }

    public OaepHash oaepHash() {
        return oaepHash;
    }

    public static Suite ofNumber(int number) {
        for (Suite suite : values()) {
            if (suite.number == number) {
                return suite;
            }
        }
        throw new IllegalArgumentException("suite: unknown number " + number);
    }

    /** The suite for a token that does this OAEP hash. */
    public static Suite of(OaepHash hash) {
        return switch (hash) {
            case SHA1 -> AES256_GCM_HKDF_1MB_OAEP_SHA1;
            case SHA256 -> AES256_GCM_HKDF_1MB_OAEP_SHA256;
        };
    }
}
