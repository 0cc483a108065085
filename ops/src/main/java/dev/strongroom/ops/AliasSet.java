package dev.strongroom.ops;

import dev.strongroom.client.VersionTarget;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "set",
        description = {
            "Have an alias mean a version, signed with the owner root. Nodes that go by it open that",
            "version beside the one they serve and then go over to it. Nobody gets a key by it: the",
            "version's own policies decide as ever."
        })
final class AliasSet implements Callable<Integer> {
    private final Session session;

    @Mixin private final AliasOptions options = new AliasOptions();

    @Parameters(
            index = "1",
            paramLabel = "VERSION",
            converter = TargetConverter.class,
            description = "A number, or the id that the push printed.")
    private VersionTarget target;

    AliasSet(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        return options.make(
                session,
                aliases ->
                        aliases.point(options.path(), target, options.expected(), options.step()));
    }

    /** Reads a number or an id. */
    static final class TargetConverter implements ITypeConverter<VersionTarget> {
        @Override
        public VersionTarget convert(String text) {
            try {
                return VersionTarget.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(
                        "\"" + text + "\": expected a version's number or its id, 32 hex digits");
            }
        }
    }
}
