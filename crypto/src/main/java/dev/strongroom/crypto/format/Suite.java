package dev.strongroom.crypto.format;

/**
 * Every algorithm a version is sealed with, as one number. All suites seal files as Tink's
 * AES256-GCM-HKDF streaming AEAD (HKDF-SHA256, 1 MiB segments). In a split suite the content key
 * derives from what T opens and from a second part that only the owner's agent holds.
 */
public enum Suite {
    AES256_GCM_HKDF_1MB_OAEP_SHA1(1, "AES256_GCM_HKDF_1MB+RSA_OAEP_SHA1", OaepHash.SHA1, Parts.ONE),
    AES256_GCM_HKDF_1MB_OAEP_SHA256(
            2, "AES256_GCM_HKDF_1MB+RSA_OAEP_SHA256", OaepHash.SHA256, Parts.ONE),
    SPLIT_AES256_GCM_HKDF_1MB_OAEP_SHA1(
            3, "SPLIT+AES256_GCM_HKDF_1MB+RSA_OAEP_SHA1", OaepHash.SHA1, Parts.TWO),
    SPLIT_AES256_GCM_HKDF_1MB_OAEP_SHA256(
            4, "SPLIT+AES256_GCM_HKDF_1MB+RSA_OAEP_SHA256", OaepHash.SHA256, Parts.TWO);

    private enum Parts {
        ONE,
        TWO
    }

    private final int number;
    private final String label;
    private final OaepHash oaepHash;
    private final Parts parts;

    Suite(int number, String label, OaepHash oaepHash, Parts parts) {
        this.number = number;
        this.label = label;
        this.oaepHash = oaepHash;
        this.parts = parts;
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

    /** Whether the content key takes a second part, which only the owner's agent holds. */
    public boolean isSplit() {
        return parts == Parts.TWO;
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

    /** The split suite for a token that does this OAEP hash. */
    public static Suite split(OaepHash hash) {
        return switch (hash) {
            case SHA1 -> SPLIT_AES256_GCM_HKDF_1MB_OAEP_SHA1;
            case SHA256 -> SPLIT_AES256_GCM_HKDF_1MB_OAEP_SHA256;
        };
    }
}
