package dev.strongroom.ops;

import dev.strongroom.proto.v1.LiftRevocationRequest;
import dev.strongroom.proto.v1.RevocationTarget;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "lift",
        description = {
            "Let nodes be served again. Those that were stopped stay so until they are restarted.",
            "An operator lifts what operators revoked, an owner what his tenant's owners did."
        })
final class RevokeLift implements Callable<Integer> {
    private final Session session;

    @Parameters(
            index = "0",
            paramLabel = "KIND",
            description = "node, model, version, measurement, chip or policy.")
    private String kind;

    @Parameters(index = "1", paramLabel = "SUBJECT", description = "As `revoke list` shows it.")
    private String subject;

    @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
    private String reason;

    RevokeLift(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        String spelled = kind.equals("node") ? Revoke.nodeIdentity(subject) : subject;
        try (var vault = session.connect()) {
            long leaf =
                    vault.admin()
                            .liftRevocation(
                                    LiftRevocationRequest.newBuilder()
                                            .setTarget(
                                                    RevocationTarget.newBuilder()
                                                            .setKind(kind)
                                                            .setSubject(spelled))
                                            .setReason(reason)
                                            .build())
                            .getProof()
                            .getLeafIndex();
            return session.print(
                    Answer.with("kind", kind)
                            .with("subject", spelled)
                            .with("audit_leaf", leaf)
                            .one());
        }
    }
}
