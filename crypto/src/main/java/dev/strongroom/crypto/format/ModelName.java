package dev.strongroom.crypto.format;

/**
 * Names a model of a tenant, written {@code tenant/name}.
 *
 * @param name 1 to 63 of {@code a-z0-9-}
 */
public record ModelName(TenantName tenant, String name) {
    static final int MAX_BYTES = 2 * TenantName.MAX_BYTES + 1;

    public ModelName {
        Strict.requireMatch("model name", name, TenantName.PATTERN);
    }

    /**
     * Reads {@code tenant/name}.
     *
     * @throws IllegalArgumentException when it is anything else
     */
    public static ModelName parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("model name: expected tenant/name");
        }
        return new ModelName(new TenantName(text.substring(0, slash)), text.substring(slash + 1));
    }

    /** {@code tenant/name}. */
    @Override
    public String toString() {
        return tenant + "/" + name;
    }
}
