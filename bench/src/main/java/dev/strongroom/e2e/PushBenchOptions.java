package dev.strongroom.e2e;

import dev.strongroom.bench.Words;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What {@code ./strongroom bench push} takes. */
@Command(
        name = "bench push",
        mixinStandardHelpOptions = true,
        description = {
            "Seals and pushes a generated model to a real vault, beside the same file over bare"
                    + " gRPC in the clear and beside age, in turns.",
            "Only ratios of one run count. Exit code 1: a ratio is not what is claimed.",
            "Each round leaves the model once on the vault's disk until the end."
        })
final class PushBenchOptions {
    @Option(names = "--pairs", defaultValue = "11", description = "Default: ${DEFAULT-VALUE}.")
    int pairs;

    @Option(
            names = "--layers",
            defaultValue = "4",
            description =
                    "Of 64 MiB each, of which the model has so many. Default: ${DEFAULT-VALUE}.")
    int layers;

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures there too.")
    Optional<Path> json = Optional.empty();

    /** Empty when help was asked for or the words make no sense, which was said then. */
    static Optional<PushBenchOptions> of(String[] words) {
        return Words.into(new PushBenchOptions(), words);
    }
}
