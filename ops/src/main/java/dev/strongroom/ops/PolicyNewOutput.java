package dev.strongroom.ops;

import dev.strongroom.client.ClientException;
import dev.strongroom.crypto.output.OutputPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "new-output",
        description = {
            "Write a complete output policy to a file: tiers by role, limits, detector and ladder.",
            "Read it, say what the model's outputs are, then: strongroom policy set",
            "--output-policy FILE."
        })
final class PolicyNewOutput implements Callable<Integer> {
    private final Session session;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "Where to write it; must not exist.")
    private Path out;

    PolicyNewOutput(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws Exception {
        if (Files.exists(out)) {
            throw ClientException.local(out + " exists", "give another --out");
        }
        OutputPolicy policy = OutputPolicy.standard();
        Files.writeString(out, lines(policy.canonical()), StandardOpenOption.CREATE_NEW);
        return session.print(
                Answer.with("file", out.toString())
                        .with("digest", policy.digest().hex())
                        .with("tiers", policy.tiers().size())
                        .one());
    }

    /** One rule a line, for people who edit it. */
    private static String lines(String canonical) {
        return canonical.replaceAll(
                        "(?<=[\\]}\"\\d]),(?=\"(outputs|tiers|caps|detector|ladder|noise|puzzle|fingerprint|network|sessions|pardons)\":[\\[{\"])|(?<=\\}),(?=\\{\"tier\")",
                        ",\n ")
                + "\n";
    }
}
