package dev.strongroom.ops;

import dev.strongroom.crypto.format.ModelName;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code tenant/name} or {@code tenant/name:number}.
 *
 * @param number 0 for the latest
 */
record VersionName(ModelName model, long number) {

    /** Reads what a user typed. */
    static final class Converter implements ITypeConverter<VersionName> {
        @Override
        public VersionName convert(String text) {
            int colon = text.indexOf(':');
            try {
                return colon < 0
                        ? new VersionName(ModelName.parse(text), 0)
                        : new VersionName(
                                ModelName.parse(text.substring(0, colon)),
                                Long.parseUnsignedLong(text.substring(colon + 1)));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(
                        "\"" + text + "\": expected tenant/name or tenant/name:number");
            }
        }
    }

    /** Reads the name of a model alone. */
    static final class ModelConverter implements ITypeConverter<ModelName> {
        @Override
        public ModelName convert(String text) {
            try {
                return ModelName.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(
                        "\"" + text + "\": expected tenant/name, both of a-z0-9-");
            }
        }
    }
}
