package dev.strongroom.ops;

import dev.strongroom.client.Administration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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

    IdentityWithdraw(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            long leaf = new Administration(vault, session.random()).withdrawIdentity(identity);
            return session.print(Answer.with("identity", identity).with("audit_leaf", leaf).one());
        }
    }
}
