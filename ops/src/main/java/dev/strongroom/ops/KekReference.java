package dev.strongroom.ops;

import dev.strongroom.crypto.format.TenantName;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** One version of a tenant's key-encryption key, as {@code acme/3}. */
record KekReference(TenantName tenant, int version) {
    @Override
    public String toString() {
        return tenant + "/" + version;
    }

    /** Reads one. */
    static final class Converter implements ITypeConverter<KekReference> {
        @Override
        public KekReference convert(String text) {
            int slash = text.lastIndexOf('/');
            if (slash < 0 || !text.substring(slash + 1).matches("[1-9]\\d{0,8}")) {
                throw new TypeConversionException("\"" + text + "\": expected TENANT/VERSION");
            }
            return new KekReference(
                    new TenantConverter().convert(text.substring(0, slash)),
                    Integer.parseInt(text.substring(slash + 1)));
        }
    }
}
