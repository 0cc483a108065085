package dev.strongroom.crypto.format;

/** How far the keys are out of reach of the vault's host; a higher number is stronger. */
public enum TrustLevel {
    /** Keys are in a file that this process opens. */
    SOFTWARE(1),
    /** Keys are in a software token: a file and a PIN on the same host. */
    SOFT_TOKEN(2),
    /** Keys are in hardware; who has the PIN can use them. */
    HSM(3),
    /** Keys are in hardware and release only to keys that a security officer registered. */
    HSM_TRUSTED(4);

    private final int number;

    TrustLevel(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    public static TrustLevel ofNumber(int number) {
        for (TrustLevel level : values()) {
            if (level.number == number) {
                return level;
            }
        }
        throw new IllegalArgumentException("trust level: " + number + " (expected: 1..4)");
    }
}
