package dev.strongroom.ops;

import dev.strongroom.proto.v1.ListMeasuresRequest;
import dev.strongroom.proto.v1.ListMeasuresResponse.Measure;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "list", description = "List what people have guards hold against callers, and who.")
final class GuardList implements Callable<Integer> {
    private final Session session;

    GuardList(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            return session.print(
                    Answer.many(
                            "measures",
                            vault
                                    .guards()
                                    .listMeasures(ListMeasuresRequest.getDefaultInstance())
                                    .getMeasuresList()
                                    .stream()
                                    .map(GuardList::row)
                                    .toList()));
        }
    }

    private static Answer.Fields row(Measure measure) {
        return Answer.with("model", measure.getSubject().getModel())
                .with("whose", measure.getSubject().getWhose())
                .with("name", measure.getSubject().getName())
                .with("step", measure.getStep())
                .with("reason", measure.getReason())
                .with("by", measure.getTakenBy())
                .with("at", Instant.ofEpochMilli(measure.getTakenAtMillis()).toString())
                .with("policy_seq", measure.getPolicySeq())
                .with("audit_leaf", measure.getAuditLeaf());
    }
}
