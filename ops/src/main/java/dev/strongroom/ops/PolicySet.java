package dev.strongroom.ops;

import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.PolicyPublisher;
import dev.strongroom.client.PolicyPublisher.Outcome;
import dev.strongroom.client.PolicyPublisher.Step;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.output.OutputPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "set",
        description = {
            "Sign the next revision of a model's policies with the owner root and set it.",
            "The first time, the standard output policy is set when none is given (policy new-output).",
            "A revision that needs approvals is not set but asked for: its approvers answer the",
            "request (`approvals approve ID`), then --approved ID sets it."
        })
final class PolicySet implements Callable<Integer> {
    private final Session session;

    @Mixin private final ModelArgument named = new ModelArgument();

    @Option(
            names = "--release",
            paramLabel = "FILE",
            description = "JSON: which nodes may get the key.")
    private @Nullable Path release;

    @Option(
            names = "--output-policy",
            paramLabel = "FILE",
            description = "JSON: what nodes may give out.")
    private @Nullable Path output;

    @Option(
            names = "--valid-days",
            paramLabel = "DAYS",
            defaultValue = "90",
            description = "Days until the policy ends; default 90.")
    private int validDays;

    @Option(
            names = "--approved",
            paramLabel = "ID",
            description = "Set the revision of a request that its approvers agreed to.")
    private @Nullable String approved;

    @Option(names = "--dry-run", description = "Only say what would come of it.")
    private boolean dryRun;

    PolicySet(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        boolean given = release != null || output != null;
        if (given == (approved != null)) {
            throw ClientException.local(
                    "expected policies to set or a request that was approved",
                    "give --release FILE, --output-policy FILE or both; or --approved ID alone");
        }
        if (validDays < 1) {
            throw ClientException.local(
                    "--valid-days " + validDays + ": expected at least 1", "give more days");
        }
        try (var vault = session.connect()) {
            var publisher =
                    new PolicyPublisher(
                            vault,
                            session.pin(),
                            session.anchors(),
                            session.clock(),
                            session.random());
            return session.print(
                    Answer.many("policies", outcomes(publisher).stream().map(this::row).toList()));
        }
    }

    private List<Outcome> outcomes(PolicyPublisher publisher) throws ClientException, IOException {
        if (approved != null) {
            return List.of(new Outcome.InForce(publisher.setApproved(named.model(), approved)));
        }
        var outcomes = new ArrayList<Outcome>();
        if (release != null) {
            outcomes.add(set(publisher, Kind.RELEASE, read(release)));
        }
        if (output != null) {
            outcomes.add(set(publisher, Kind.OUTPUT, read(output)));
        } else if (!publisher.isSet(Kind.OUTPUT, named.model())) {
            outcomes.add(set(publisher, Kind.OUTPUT, standardOutput()));
        }
        return outcomes;
    }

    private static byte[] standardOutput() {
        return OutputPolicy.standard().canonical().getBytes(StandardCharsets.UTF_8);
    }

    private Outcome set(PolicyPublisher publisher, Kind kind, byte[] body)
            throws ClientException, IOException {
        return publisher.set(
                kind,
                named.model(),
                body,
                Duration.ofDays(validDays),
                dryRun ? Step.PREVIEW : Step.DO);
    }

    private static byte[] read(Path file) throws ClientException, IOException {
        if (Files.size(file) > PolicyDocument.MAX_BODY_BYTES) {
            throw ClientException.local(
                    file + ": expected at most " + PolicyDocument.MAX_BODY_BYTES + " bytes",
                    "shorten the policy");
        }
        return Files.readAllBytes(file);
    }

    private Answer.Fields row(Outcome outcome) {
        PolicyReference policy = outcome.policy();
        Answer.Fields fields =
                Answer.with("kind", policy.kind().name().toLowerCase(Locale.ROOT))
                        .with("id", policy.id())
                        .with("seq", policy.seq())
                        .with("digest", policy.digest().hex());
        return switch (outcome) {
            case Outcome.InForce _ ->
                    fields.with("state", dryRun ? "would-be-set" : "in-force").with("approval", "");
            case Outcome.Awaiting awaiting ->
                    fields.with("state", dryRun ? "would-need-approval" : "awaiting-approval")
                            .with("approval", awaiting.request().orElse(""));
        };
    }
}
