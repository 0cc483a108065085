package dev.strongroom.ops;

import dev.strongroom.client.PolicyReader;
import dev.strongroom.crypto.format.VerifiedPolicy;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "show",
        description = "Show the policies in force, their signatures checked against the owner.")
final class PolicyShow implements Callable<Integer> {
    private final Session session;

    @Mixin private final ModelArgument named = new ModelArgument();

    PolicyShow(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        try (var vault = session.connect()) {
            return session.print(
                    Answer.many(
                            "policies",
                            new PolicyReader(vault, session.verifier())
                                    .inForce(named.model()).stream()
                                            .map(PolicyShow::row)
                                            .toList()));
        }
    }

    private static Answer.Fields row(VerifiedPolicy policy) {
        var document = policy.document();
        return Answer.with("kind", document.kind().name().toLowerCase(Locale.ROOT))
                .with("id", document.id())
                .with("seq", document.seq())
                .with("not_after", document.notAfter().toString())
                .with("digest", policy.reference().digest().hex())
                .with("body", new String(document.body(), StandardCharsets.UTF_8));
    }
}
