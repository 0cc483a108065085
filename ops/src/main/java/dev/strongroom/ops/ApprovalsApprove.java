package dev.strongroom.ops;

import dev.strongroom.attestation.Digest;
import dev.strongroom.client.ApprovalRequests;
import dev.strongroom.client.ApproverKey;
import dev.strongroom.client.ClientException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "approve",
        description = "Sign that you agree to exactly the document of a request.")
final class ApprovalsApprove implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "ID", description = "The request; read it first: approvals show.")
    private String id;

    @Option(
            names = "--document",
            required = true,
            paramLabel = "SHA256",
            converter = IdentityCreate.DigestConverter.class,
            description = {
                "Digest of the document that you read, as `approvals show` prints it; nothing else is",
                "signed, whatever the vault shows by then."
            })
    private Digest document;

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
            requireTheDocumentThatWasRead(shown);
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

    private void requireTheDocumentThatWasRead(ApprovalRequests.Shown shown)
            throws ClientException {
        if (!shown.request().change().document().equals(document)) {
            throw ClientException.unverified(
                    "the vault shows another document of request " + id + " than " + document,
                    "sign nothing; compare with the requester what he asked for");
        }
    }
}
