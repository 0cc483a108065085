package dev.strongroom.crypto.format;

import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The random identity of one version of a model; what is authenticated, where a version number is
 * only a name.
 *
 * @param hex 128 bits, lower-case hex
 */
public record VersionId(String hex) {
    public static final int BYTES = 16;

    public VersionId {
        Strict.requireMatch("version id", hex, "[0-9a-f]{32}");
    }

    public static VersionId random(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return of(bytes);
    }

    /**
     * The id in binary form.
     *
     * @throws IllegalArgumentException unless there are {@link #BYTES} bytes
     */
    public static VersionId of(byte[] bytes) {
        return new VersionId(HexFormat.of().formatHex(bytes));
    }

    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
