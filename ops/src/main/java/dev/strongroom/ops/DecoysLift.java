package dev.strongroom.ops;

import dev.strongroom.proto.v1.LiftQuarantineRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "lift",
        description = {
            "Let somebody in again who touched a decoy. Where the vault has approvers, have them agree",
            "first: `approvals request --lift IDENTITY`. Leases that ended stay ended."
        })
final class DecoysLift implements Callable<Integer> {
    private final Session session;

    @Parameters(
            paramLabel = "IDENTITY",
            description = "spiffe://strongroom/TENANT/ROLE/NAME, as `decoys quarantines` shows it.")
    private String identity;

    @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
    private String reason;

    DecoysLift(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            long leaf =
                    vault.decoys()
                            .liftQuarantine(
                                    LiftQuarantineRequest.newBuilder()
                                            .setIdentity(identity)
                                            .setReason(reason)
                                            .build())
                            .getProof()
                            .getLeafIndex();
            return session.print(Answer.with("identity", identity).with("audit_leaf", leaf).one());
        }
    }
}
