package dev.strongroom.ops;

import dev.strongroom.client.AliasPath;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "rm",
        description = {
            "Have an alias mean nothing any more, signed with the owner root. Nodes that go by it stay",
            "with the version they serve; none starts by it."
        })
final class AliasRemove implements Callable<Integer> {
    private final Session session;

    @Parameters(
            paramLabel = "NAME@ALIAS",
            converter = AliasOptions.PathConverter.class,
            description = "tenant/name@alias")
    private AliasPath path;

    @Mixin private final AliasOptions options = new AliasOptions();

    AliasRemove(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            return session.print(
                    options.answer(
                            AliasOptions.aliases(session, vault)
                                    .remove(path, options.expected(), options.step())));
        }
    }
}
