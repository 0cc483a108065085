package dev.strongroom.ops;

import dev.strongroom.client.AliasPath;
import dev.strongroom.client.Aliases;
import dev.strongroom.client.Aliases.Moved;
import dev.strongroom.client.Aliases.Step;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.VaultConnection;
import dev.strongroom.crypto.format.VersionId;
import java.io.IOException;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** What moving an alias and removing one have in common. */
final class AliasOptions {
    @Parameters(
            index = "0",
            paramLabel = "NAME@ALIAS",
            converter = PathConverter.class,
            description = "tenant/name@alias")
    private AliasPath path;

    @Option(
            names = "--expect",
            paramLabel = "N",
            description = "Refuse unless it means version N now; 0: no version.")
    private @Nullable Long expected;

    @Option(names = "--dry-run", description = "Only say what would come of it.")
    private boolean dryRun;

    OptionalLong expected() {
        return expected == null ? OptionalLong.empty() : OptionalLong.of(expected);
    }

    Step step() {
        return dryRun ? Step.PREVIEW : Step.DO;
    }

    AliasPath path() {
        return path;
    }

    /** One of the two. */
    @FunctionalInterface
    interface Move {
        Moved by(Aliases aliases) throws ClientException, IOException;
    }

    /** Makes it and says what came of it. */
    int make(Session session, Move move) throws ClientException, IOException {
        try (var vault = session.connect()) {
            return session.print(answer(move.by(aliases(session, vault))));
        }
    }

    static Aliases aliases(Session session, VaultConnection vault)
            throws ClientException, IOException {
        return new Aliases(vault, session.pin(), session.anchors(), session.verifier());
    }

    private Answer answer(Moved moved) {
        return Answer.with("alias", moved.move().model() + "@" + moved.move().alias())
                .with("from", moved.from())
                .with("to", moved.to())
                .with("version_id", moved.move().target().map(VersionId::hex).orElse(""))
                .with("seq", moved.move().seq())
                .with("state", state(moved))
                .with(
                        "audit_leaf",
                        moved.auditLeaf().isPresent() ? moved.auditLeaf().getAsLong() : "")
                .one();
    }

    private String state(Moved moved) {
        if (moved.auditLeaf().isPresent()) {
            return "moved";
        }
        return moved.from() == moved.to() ? "unchanged" : "would-be-moved";
    }

    /** Reads {@code tenant/name@alias}. */
    static final class PathConverter implements ITypeConverter<AliasPath> {
        @Override
        public AliasPath convert(String text) {
            try {
                return AliasPath.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(
                        "\""
                                + text
                                + "\": expected tenant/name@alias, the alias a letter and then"
                                + " a-z0-9-, not latest");
            }
        }
    }
}
