package dev.strongroom.ops;

import dev.strongroom.proto.v1.LoosenRequest;
import dev.strongroom.proto.v1.MeasureSubject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "loosen",
        description = {
            "Take back what you tightened. What others tightened stays, and so does what the"
                    + " owner's",
            "policy says and what the guard holds against the caller by itself."
        })
final class GuardLoosen implements Callable<Integer> {
    private final Session session;

    @Mixin private final GuardSubject who = new GuardSubject();

    @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
    private String reason;

    GuardLoosen(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        MeasureSubject subject = who.message();
        try (var vault = session.connect()) {
            long leaf =
                    vault.guards()
                            .loosen(
                                    LoosenRequest.newBuilder()
                                            .setSubject(subject)
                                            .setReason(reason)
                                            .build())
                            .getProof()
                            .getLeafIndex();
            return session.print(GuardSubject.answer(subject).with("audit_leaf", leaf).one());
        }
    }
}
