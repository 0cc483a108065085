package dev.strongroom.ops;

import dev.strongroom.client.Aliases.Alias;
import dev.strongroom.crypto.format.AliasMove;
import dev.strongroom.crypto.format.VersionId;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "list",
        description = "List what a model's aliases mean, each signature checked against the owner.")
final class AliasList implements Callable<Integer> {
    private final Session session;

    @Mixin private final ModelArgument named = new ModelArgument();

    AliasList(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            return session.print(
                    Answer.many(
                            "aliases",
                            AliasOptions.aliases(session, vault).list(named.model()).stream()
                                    .filter(alias -> alias.last().move().target().isPresent())
                                    .map(AliasList::row)
                                    .toList()));
        }
    }

    private static Answer.Fields row(Alias alias) {
        AliasMove move = alias.last().move();
        return Answer.with("alias", move.alias().value())
                .with("version", alias.number())
                .with("version_id", move.target().map(VersionId::hex).orElse(""))
                .with("seq", move.seq())
                .with("moved_at", alias.movedAt().toString());
    }
}
