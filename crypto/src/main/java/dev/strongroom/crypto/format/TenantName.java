package dev.strongroom.crypto.format;

/** Names a tenant: 1 to 63 of {@code a-z0-9-}. */
public record TenantName(String value) implements Comparable<TenantName> {
    static final int MAX_BYTES = 63;
    static final String PATTERN = "[a-z0-9-]{1,63}";

    public TenantName {
        Strict.requireMatch("tenant name", value, PATTERN);
    }

    @Override
    public int compareTo(TenantName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
