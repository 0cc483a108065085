package dev.strongroom.ops;

import dev.strongroom.client.AuditTrail;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "list",
        description =
                "List records of the log as the vault tells them; `audit verify` proves them.")
final class AuditList implements Callable<Integer> {
    private final Session session;

    @Option(names = "--from", paramLabel = "INDEX", defaultValue = "0", description = "First leaf.")
    private long from;

    @Option(
            names = "--to",
            paramLabel = "INDEX",
            defaultValue = "0",
            description = "Leaf to stop before; default: the end.")
    private long to;

    AuditList(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        var rows = new ArrayList<Answer.Fields>();
        try (var vault = session.connect()) {
            AuditTrail.of(vault, session.pin(), session.anchors())
                    .list(from, to, leaf -> rows.add(row(leaf)));
        }
        return session.print(Answer.many("leaves", rows));
    }

    static Answer.Fields row(AuditTrail.Leaf leaf) {
        return Answer.with("index", leaf.index())
                .with("time", leaf.record().time().toString())
                .with("type", leaf.record().type())
                .with("actor", leaf.record().actor())
                .with("fields", leaf.record().fields());
    }
}
