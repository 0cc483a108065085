package dev.strongroom.crypto.format;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** The random 128-bit identity of a version, printed as lower-case hex. */
public record VersionId(String hex) {
    public static final int BYTES = 16;
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{32}");

    public VersionId {
        if (!HEX.matcher(hex).matches()) {
            throw new IllegalArgumentException("version id: expected 32 lower-case hex digits");
        }
    }

    public static VersionId random(SecureRandom random) {
        byte[] id = new byte[BYTES];
        random.nextBytes(id);
        return of(id);
    }

    public static VersionId of(byte[] id) {
        return new VersionId(HexFormat.of().formatHex(id));
    }

    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
