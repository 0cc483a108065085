package dev.strongroom.ops;

import dev.strongroom.client.AliasPath;
import dev.strongroom.crypto.format.AliasName;
import dev.strongroom.crypto.format.ModelName;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What a node is asked for: {@code tenant/name} or {@code tenant/name@alias}. */
record ServedName(ModelName model, Optional<AliasName> alias) {
    /** Reads what a user typed. */
    static final class Converter implements ITypeConverter<ServedName> {
        @Override
        public ServedName convert(String text) {
            try {
                if (text.indexOf('@') < 0) {
                    return new ServedName(ModelName.parse(text), Optional.empty());
                }
                AliasPath path = AliasPath.parse(text);
                return new ServedName(path.model(), Optional.of(path.alias()));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(
                        "\"" + text + "\": expected tenant/name or tenant/name@alias");
            }
        }
    }
}
