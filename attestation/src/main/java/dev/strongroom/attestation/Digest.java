package dev.strongroom.attestation;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256 digest (32 bytes), immutable, printed as lower-case hex. Not for secrets. */
public record Digest(String hex) implements Comparable<Digest> {
    public static final int BYTES = 32;

    public Digest {
        if (hex.length() != 2 * BYTES || !isLowerHex(hex)) {
            throw new IllegalArgumentException("digest: expected 64 lower-case hex digits");
        }
    }

    private static boolean isLowerHex(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    public static Digest of(byte[] digest) {
        return new Digest(HexFormat.of().formatHex(digest));
    }

    /** SHA-256 of the bytes. */
    public static Digest sha256(byte[]... parts) {
        MessageDigest sha256 = newSha256();
        for (byte[] part : parts) {
            sha256.update(part);
        }
        return of(sha256.digest());
    }

    public static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    @Override
    public int compareTo(Digest other) {
        return hex.compareTo(other.hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
