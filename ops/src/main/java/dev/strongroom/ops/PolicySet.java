package dev.strongroom.ops;

import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.PolicyPublisher;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.PolicyDocument;
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
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "set",
        description = {
            "Sign the next revision of a model's policies with the owner root and set it.",
            "The first time, an output policy without limits is set when none is given."
        })
final class PolicySet implements Callable<Integer> {
    /** No limits: what the model answers is given out as it is. */
    private static final byte[] OPEN_OUTPUT = "{\"version\":1}".getBytes(StandardCharsets.UTF_8);

    private final Session session;

    @Parameters(
            paramLabel = "NAME",
            converter = VersionName.ModelConverter.class,
            description = "tenant/name")
    private ModelName model;

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

    PolicySet(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        if (release == null && output == null) {
            throw ClientException.local(
                    "no policy is given", "give --release FILE, --output-policy FILE or both");
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
            var set = new ArrayList<PolicyReference>();
            if (release != null) {
                set.add(set(publisher, Kind.RELEASE, read(release)));
            }
            if (output != null) {
                set.add(set(publisher, Kind.OUTPUT, read(output)));
            } else if (!publisher.isSet(Kind.OUTPUT, model)) {
                set.add(set(publisher, Kind.OUTPUT, OPEN_OUTPUT));
            }
            return session.print(Answer.many("policies", rows(set)));
        }
    }

    private PolicyReference set(PolicyPublisher publisher, Kind kind, byte[] body)
            throws ClientException, IOException {
        return publisher.set(kind, model, body, Duration.ofDays(validDays));
    }

    private static byte[] read(Path file) throws ClientException, IOException {
        if (Files.size(file) > PolicyDocument.MAX_BODY_BYTES) {
            throw ClientException.local(
                    file + ": expected at most " + PolicyDocument.MAX_BODY_BYTES + " bytes",
                    "shorten the policy");
        }
        return Files.readAllBytes(file);
    }

    private static List<Answer.Fields> rows(List<PolicyReference> policies) {
        return policies.stream()
                .map(policy ->
                        Answer.with("kind", policy.kind().name().toLowerCase(Locale.ROOT))
                                .with("id", policy.id())
                                .with("seq", policy.seq())
                                .with("digest", policy.digest().hex()))
                .toList();
    }
}
