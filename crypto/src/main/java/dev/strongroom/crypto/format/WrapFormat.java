package dev.strongroom.crypto.format;

/** The byte format of a wrapped key. A token's mechanism number does not define it; this does. */
public enum WrapFormat {
    RFC3394_KW(1),
    RFC5649_KWP(2),
    RSA_OAEP_SHA1(16),
    RSA_OAEP_SHA256(17);

    private final int number;

    WrapFormat(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    public static WrapFormat of(OaepHash hash) {
        return switch (hash) {
            case SHA1 -> RSA_OAEP_SHA1;
            case SHA256 -> RSA_OAEP_SHA256;
        };
    }

    public static WrapFormat ofNumber(int number) {
        for (WrapFormat format : values()) {
            if (format.number == number) {
                return format;
            }
        }
        throw new IllegalArgumentException("wrap format: unknown number " + number);
    }
}
