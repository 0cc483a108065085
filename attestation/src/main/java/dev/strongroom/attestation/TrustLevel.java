package dev.strongroom.attestation;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What keeps the vault's keys; higher levels resist more. */
public enum TrustLevel {
    /** A key store file and a password on the vault's host. */
    SOFTWARE(1),
    /** A token in software: a file and a PIN on the vault's host. */
    SOFT_TOKEN(2),
    /** Hardware; whoever has the PIN can still use every key. */
    HSM(3),
    /** Hardware whose key-encryption keys wrap only to what a security officer trusted. */
    HSM_TRUSTED(4);

    private final int number;

    TrustLevel(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** As people write it in policies and on command lines: {@code soft-token}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public boolean isAtLeast(TrustLevel demanded) {
        return number >= demanded.number;
    }

    public static TrustLevel ofNumber(int number) {
        for (TrustLevel level : values()) {
            if (level.number == number) {
                return level;
            }
        }
        throw new IllegalArgumentException("trust level: unknown number " + number);
    }

    /** The level of a {@link #name}, as records of the audit log have it. */
    public static Optional<TrustLevel> named(String name) {
        return Arrays.stream(values()).filter(level -> level.name().equals(name)).findFirst();
    }

    /**
     * The level of a {@link #label}.
     *
     * @throws IllegalArgumentException for any other text
     */
    public static TrustLevel ofLabel(String label) {
        for (TrustLevel level : values()) {
            if (level.label().equals(label)) {
                return level;
            }
        }
        throw new IllegalArgumentException(
                "trust level: expected software, soft-token, hsm or hsm-trusted");
    }
}
