package dev.strongroom.ops;

import dev.strongroom.proto.v1.RemoveDecoyRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "remove", description = "Make a decoy an ordinary thing again.")
final class DecoysRemove implements Callable<Integer> {
    private final Session session;

    @Parameters(index = "0", paramLabel = "KIND", description = "As `decoys list` shows it.")
    private String kind;

    @Parameters(index = "1", paramLabel = "SUBJECT", description = "As `decoys list` shows it.")
    private String subject;

    DecoysRemove(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            long leaf =
                    vault.decoys()
                            .removeDecoy(
                                    RemoveDecoyRequest.newBuilder()
                                            .setKind(kind)
                                            .setSubject(subject)
                                            .build())
                            .getProof()
                            .getLeafIndex();
            return session.print(
                    Answer.with("kind", kind)
                            .with("subject", subject)
                            .with("audit_leaf", leaf)
                            .one());
        }
    }
}
