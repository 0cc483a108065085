package dev.strongroom.ops;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "rm",
        description = {
            "Have an alias mean nothing any more, signed with the owner root. Nodes that go by it stay",
            "with the version they serve; none starts by it."
        })
final class AliasRemove implements Callable<Integer> {
    private final Session session;

    @Mixin private final AliasOptions options = new AliasOptions();

    AliasRemove(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        return options.make(
                session,
                aliases -> aliases.remove(options.path(), options.expected(), options.step()));
    }
}
