package dev.strongroom.ops;

import dev.strongroom.client.Administration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "withdraw",
        description = {
            "End every certificate issued to an identity so far: a lost key, somebody who left.",
            "The vault refuses them from the next call on, and so do nodes once they hear of it: at",
            "once when they are connected. A node whose certificate is withdrawn stops serving."
        })
final class IdentityWithdraw implements Callable<Integer> {
    private final Session session;

    @Parameters(
            paramLabel = "IDENTITY",
            description = "spiffe://strongroom/TENANT/ROLE/NAME, as `identity list` shows it.")
    private String identity;

    @Option(names = "--dry-run", description = "Only say how many certificates would end.")
    private boolean dryRun;

    IdentityWithdraw(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            var administration = new Administration(vault, session.random());
            Answer.Fields answer = Answer.with("identity", identity);
            return session.print(
                    dryRun
                            ? answer.with("certificates", administration.withdrawable(identity))
                                    .with("state", "planned")
                                    .one()
                            : answer.with("audit_leaf", administration.withdrawIdentity(identity))
                                    .one());
        }
    }
}
