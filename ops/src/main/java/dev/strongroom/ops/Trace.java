package dev.strongroom.ops;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.LeakTrace;
import dev.strongroom.client.ModelCatalog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "trace",
        description = {
            "Say which node a leaked copy of a model came from.",
            "",
            "  strongroom trace ./found.onnx --of acme/minilm:3 --original ./minilm.onnx",
            "",
            "Each node that served a version pushed with --fingerprint served weights with a mark",
            "of its own. The p-value is a bound on how likely the mark of any recipient fits the",
            "suspect this well by chance. Its only randomness is the recipient's key, which was",
            "committed to in the log before it was used; nothing is assumed about the suspect.",
            "It names whose copy the weights are, not who took them, and a model that was trained",
            "on another's answers carries no mark."
        })
final class Trace implements Callable<Integer> {
    private static final String ASSUMES =
            "the fingerprint root was known to its owner and the enclaves only";

    private final Session session;

    @Parameters(paramLabel = "SUSPECT", description = "The .onnx file that was found.")
    private Path suspect;

    @Option(
            names = "--of",
            required = true,
            paramLabel = "NAME[:VERSION]",
            converter = VersionName.Converter.class,
            description = "The version it might be a copy of.")
    private VersionName name;

    @Option(
            names = "--original",
            required = true,
            paramLabel = "FILE|DIR",
            description = "What was pushed as that version.")
    private Path original;

    Trace(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        LeakTrace.Result result = trace();
        var rows = new ArrayList<Answer.Fields>();
        for (LeakTrace.Finding finding : result.findings()) {
            rows.add(
                    Answer.with("node", finding.node())
                            .with("boot_id", finding.bootId())
                            .with("commitment_leaf", finding.leaf())
                            .with("t", rounded(finding.score().t()))
                            .with("log2_p", rounded(finding.log2P()))
                            .with("weights", finding.score().weights())
                            .with("verdict", finding.named() ? "named" : "no evidence"));
        }
        session.console()
                .err()
                .printf(
                        "%d of %d weight tensors compared, %d recipients tried; a verdict of"
                                + " \"named\" needs log2 p of %d or less; assumes that %s%n",
                        result.comparison().paired(),
                        result.comparison().tensors(),
                        rows.size(),
                        (long) LeakTrace.NAMED_LOG2_P,
                        ASSUMES);
        return session.print(Answer.many("recipients", rows));
    }

    private LeakTrace.Result trace() throws ClientException, IOException, InterruptedException {
        try (var vault = session.connect();
                var progress = session.progress()) {
            var version =
                    new ModelCatalog(vault, session.verifier()).get(name.model(), name.number());
            return new LeakTrace(vault, session.pin(), session.anchors(), progress)
                    .trace(version.manifest(), original, suspect);
        }
    }

    private static double rounded(double value) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.1f", value));
    }
}
