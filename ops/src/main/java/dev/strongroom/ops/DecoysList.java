package dev.strongroom.ops;

import dev.strongroom.proto.v1.Decoy;
import dev.strongroom.proto.v1.ListDecoysRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "list",
        description = "List the decoys that are planted, and what records call them.")
final class DecoysList implements Callable<Integer> {
    private final Session session;

    DecoysList(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            return session.print(
                    Answer.many(
                            "decoys",
                            vault
                                    .decoys()
                                    .listDecoys(ListDecoysRequest.getDefaultInstance())
                                    .getDecoysList()
                                    .stream()
                                    .map(DecoysList::row)
                                    .toList()));
        }
    }

    private static Answer.Fields row(Decoy decoy) {
        return Answer.with("kind", decoy.getKind())
                .with("subject", decoy.getSubject())
                .with("id", decoy.getId());
    }
}
