package dev.strongroom.crypto.format;

/** A tenant: 1 to 63 of {@code a-z 0-9 -}. */
public record TenantName(String value) {
    public TenantName {
        Names.require("tenant", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
