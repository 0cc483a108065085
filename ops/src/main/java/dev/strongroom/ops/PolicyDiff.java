package dev.strongroom.ops;

import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.policy.PolicyDecision;
import dev.strongroom.attestation.policy.PolicyFormatException;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.client.AuditTrail;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.PolicyReader;
import dev.strongroom.client.PolicyTrial;
import dev.strongroom.client.VaultConnection;
import dev.strongroom.crypto.format.VerifiedPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "diff",
        description = {
            "Compare a release policy with the one in force: which demands come and go, and which",
            "nodes that got the key so far would get it no more. Nothing is set."
        })
final class PolicyDiff implements Callable<Integer> {
    private final Session session;

    @Mixin private final ModelArgument named = new ModelArgument();

    @Option(
            names = "--release",
            required = true,
            paramLabel = "FILE",
            description = "The policy to try, JSON.")
    private Path release;

    PolicyDiff(Session session) {
        this.session = session;
    }

    @Option(names = "--dry-run", description = "Said for clarity: this command changes nothing.")
    void dryRun(boolean said) {
        // it never does anything else
    }

    @Override
    public Integer call() throws Exception {
        ReleasePolicy next = PolicyFile.read(release);
        try (var vault = session.connect()) {
            List<String> before = inForce(vault).map(ReleasePolicy::explain).orElseGet(List::of);
            List<String> after = next.explain();
            var log = AuditTrail.of(vault, session.pin(), session.anchors());
            return session.print(
                    Answer.with("goes", before.stream().filter(d -> !after.contains(d)).toList())
                            .with("comes", after.stream().filter(d -> !before.contains(d)).toList())
                            .with("nodes", nodes(PolicyTrial.of(log, named.model()).judge(next)))
                            .one());
        }
    }

    private Optional<ReleasePolicy> inForce(VaultConnection vault)
            throws ClientException, IOException {
        List<VerifiedPolicy> policies =
                new PolicyReader(vault, session.verifier()).inForce(named.model());
        for (VerifiedPolicy policy : policies) {
            if (policy.document().kind() == Kind.RELEASE) {
                try {
                    return Optional.of(ReleasePolicy.parse(policy.document().body()));
                } catch (PolicyFormatException e) {
                    return Optional.empty(); // another version's: everything comes anew
                }
            }
        }
        return Optional.empty();
    }

    private static List<Object> nodes(List<PolicyTrial.Outcome> outcomes) {
        return outcomes.stream().<Object>map(outcome -> row(outcome).row()).toList();
    }

    private static Answer.Fields row(PolicyTrial.Outcome outcome) {
        Answer.Fields fields =
                Answer.with("node", outcome.node())
                        .with("version", outcome.version())
                        .with("released", outcome.released().toString());
        return switch (outcome.decision()) {
            case PolicyDecision.Allowed _ -> fields.with("access", "keeps").with("rule", "");
            case PolicyDecision.Denied(String rule, _) ->
                    fields.with("access", "loses").with("rule", rule);
        };
    }
}
