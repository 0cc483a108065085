package dev.strongroom.crypto.format;

/** The byte format of a wrapped key: a token's mechanism number does not define it. */
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

    public static WrapFormat ofNumber(int number) {
        for (WrapFormat format : values()) {
            if (format.number == number) {
                return format;
            }
        }
        throw new IllegalArgumentException("wrap format: " + number + " (expected: 1, 2, 16, 17)");
    }
}
