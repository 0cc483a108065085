package dev.strongroom.ops;

import dev.strongroom.proto.v1.ListQuarantinesRequest;
import dev.strongroom.proto.v1.ListQuarantinesResponse.Quarantine;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "quarantines", description = "List who touched a decoy and was not let in again.")
final class DecoysQuarantines implements Callable<Integer> {
    private final Session session;

    DecoysQuarantines(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            return session.print(
                    Answer.many(
                            "quarantines",
                            vault
                                    .decoys()
                                    .listQuarantines(ListQuarantinesRequest.getDefaultInstance())
                                    .getQuarantinesList()
                                    .stream()
                                    .map(DecoysQuarantines::row)
                                    .toList()));
        }
    }

    private static Answer.Fields row(Quarantine quarantine) {
        return Answer.with("identity", quarantine.getIdentity())
                .with("kind", quarantine.getKind())
                .with("decoy", quarantine.getDecoy())
                .with("method", quarantine.getMethod())
                .with("source", quarantine.getSource())
                .with("since", Instant.ofEpochMilli(quarantine.getSinceMillis()).toString())
                .with("audit_leaf", quarantine.getAuditLeaf());
    }
}
