package dev.strongroom.ops;

import dev.strongroom.attestation.policy.ReleasePolicy;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "explain",
        description = "Say what a release policy (JSON) demands, one sentence a demand.")
final class PolicyExplain implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "FILE", description = "A release policy.")
    private Path file;

    PolicyExplain(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        ReleasePolicy policy = PolicyFile.read(file);
        return session.print(
                Answer.many(
                        "demands",
                        policy.explain().stream()
                                .map(sentence -> Answer.with("demand", sentence))
                                .toList()));
    }
}
