package dev.strongroom.crypto.custody.rules;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.crypto.custody.SigningKey;
import dev.strongroom.crypto.format.TenantName;

/**
 * How a key is called wherever it is kept: a readable label, and an id that is computed from what
 * the key is for, never read from a row or a file.
 */
public record KeyName(String label, Digest id) {
    /** What the labels of all the vault's own signing keys begin with. */
    public static final String SIGNING_LABELS = "strongroom/signing/";

    private static final String NO_TENANT = "";
    private static final int NO_VERSION = 0;
    private static final int MAX_VERSION = 999_999_999; // what the labels' grammar holds

    public static KeyName kek(TenantName tenant, int version) {
        return new KeyName(kekLabelPrefix(tenant) + version, id("kek", tenant.value(), version));
    }

    public static String kekLabelPrefix(TenantName tenant) {
        return "strongroom/kek/" + tenant + "/";
    }

    /** The object whose presence says that the key-encryption key is retired. */
    public static KeyName retirement(TenantName tenant, int version) {
        return new KeyName(
                retirementLabelPrefix(tenant) + version,
                id("kek-retired", tenant.value(), version));
    }

    public static String retirementLabelPrefix(TenantName tenant) {
        return "strongroom/kek-retired/" + tenant + "/";
    }

    public static KeyName importKey(TenantName tenant, int version) {
        return new KeyName(
                "strongroom/import/" + tenant + "/" + version,
                id("import", tenant.value(), version));
    }

    /** A public key that a security officer registered as a recipient. */
    public static KeyName recipient(Digest spkiDigest) {
        return new KeyName(
                "strongroom/recipient/" + spkiDigest.hex(),
                id("recipient/" + spkiDigest.hex(), NO_TENANT, NO_VERSION));
    }

    /** The version that the vault was made with. */
    public static KeyName signing(SigningKey key) {
        return signing(key, SigningKey.FIRST);
    }

    public static KeyName signing(SigningKey key, int version) {
        return new KeyName(signingLabelPrefix(key) + version, id(key.label(), NO_TENANT, version));
    }

    public static String signingLabelPrefix(SigningKey key) {
        return SIGNING_LABELS + key.label() + "/";
    }

    public static KeyName recordMac() {
        return new KeyName("strongroom/record-mac", id("record-mac", NO_TENANT, NO_VERSION));
    }

    /** Refuses to make a key of a version that could not be found again. */
    public static void requireVersion(int version) {
        if (version < 1 || version > MAX_VERSION) {
            throw new IllegalArgumentException("key version: " + version + " (expected: > 0)");
        }
    }

    /** Refuses to make or destroy what must stay as it is. */
    public static void requireRotates(SigningKey key, int version) {
        requireVersion(version);
        if (key == SigningKey.CEREMONY) {
            throw new IllegalArgumentException("the ceremony key is pinned; it does not rotate");
        }
    }

    private static Digest id(String purpose, String tenant, int version) {
        return Digest.sha256(
                Canonical.of("strongroom/token-object", 1)
                        .text(purpose)
                        .text(tenant)
                        .u32(version)
                        .toByteArray());
    }
}
