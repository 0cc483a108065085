package dev.strongroom.ops;

import dev.strongroom.crypto.format.TenantName;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a tenant. */
final class TenantConverter implements ITypeConverter<TenantName> {
    @Override
    public TenantName convert(String text) {
        try {
            return new TenantName(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("\"" + text + "\": expected 1 to 63 of a-z0-9-");
        }
    }
}
