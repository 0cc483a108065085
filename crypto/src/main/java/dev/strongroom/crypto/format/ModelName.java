package dev.strongroom.crypto.format;

/** A model of a tenant, written {@code tenant/name}. */
public record ModelName(TenantName tenant, String name) {
    public ModelName {
        Names.require("model", name);
    }

    /**
     * @throws IllegalArgumentException if it is not {@code tenant/name}
     */
    public static ModelName parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("model: expected tenant/name");
        }
        return new ModelName(new TenantName(text.substring(0, slash)), text.substring(slash + 1));
    }

    @Override
    public String toString() {
        return tenant + "/" + name;
    }
}
