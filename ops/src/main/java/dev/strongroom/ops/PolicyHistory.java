package dev.strongroom.ops;

import dev.strongroom.attestation.Digest;
import dev.strongroom.client.PolicyReader;
import dev.strongroom.crypto.format.VerifiedPolicy;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "history",
        description = {
            "Show the revisions of a model's release policy, oldest first, the one in force last:",
            "signatures, order and approvals checked against the owner."
        })
final class PolicyHistory implements Callable<Integer> {
    private final Session session;

    @Mixin private final ModelArgument named = new ModelArgument();

    PolicyHistory(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            return session.print(
                    Answer.many(
                            "revisions",
                            new PolicyReader(vault, session.verifier())
                                    .history(named.model()).stream()
                                            .map(PolicyHistory::row)
                                            .toList()));
        }
    }

    private static Answer.Fields row(VerifiedPolicy policy) {
        var document = policy.document();
        return Answer.with("seq", document.seq())
                .with("not_after", document.notAfter().toString())
                .with("digest", policy.reference().digest().hex())
                .with("previous", document.previous().map(Digest::hex).orElse(""));
    }
}
