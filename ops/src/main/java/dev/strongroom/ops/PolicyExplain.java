package dev.strongroom.ops;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "explain",
        description = "Say what a release or output policy (JSON) demands, one sentence a demand.")
final class PolicyExplain implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "FILE", description = "A policy of either kind.")
    private Path file;

    PolicyExplain(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        return session.print(
                Answer.many(
                        "demands",
                        PolicyFile.explain(file).stream()
                                .map(sentence -> Answer.with("demand", sentence))
                                .toList()));
    }
}
