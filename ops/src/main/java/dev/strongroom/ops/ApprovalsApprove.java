package dev.strongroom.ops;

import dev.strongroom.client.ApprovalRequests;
import dev.strongroom.client.ApproverKey;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "approve",
        description = "Sign that you agree to exactly the document of a request.")
final class ApprovalsApprove implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "ID", description = "The request; read it first: approvals show.")
    private String id;

    @Mixin private final ApproverOptions approver = new ApproverOptions();

    ApprovalsApprove(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        ApproverKey key = approver.key(session);
        try (var vault = session.connect()) {
            ApprovalRequests approvals = session.approvals(vault);
            ApprovalRequests.Shown shown = approvals.show(id);
            if (!approver.dryRun) {
                approvals.approve(shown, key);
            }
            return session.print(
                    ShownRequest.fields(shown)
                            .with("approved", !approver.dryRun)
                            .with("by", key.keyId().hex())
                            .one());
        }
    }
}
