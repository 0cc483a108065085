package dev.strongroom.e2e;

import dev.strongroom.bench.Words;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What {@code ./strongroom bench guard} takes. */
@Command(
        name = "bench guard",
        mixinStandardHelpOptions = true,
        description = {
            "Serves the classifier of digits by two real nodes in turns: calibrated and under a"
                    + " policy that has the guard do all it can, and plain under one that asks for"
                    + " rates and budgets only.",
            "Only differences of one run count. Exit code 1: one is not what is claimed; 3: MNIST"
                    + " and Fashion-MNIST are not to be had."
        })
final class GuardBenchOptions {
    @Option(names = "--pairs", defaultValue = "11", description = "Default: ${DEFAULT-VALUE}.")
    int pairs;

    @Option(
            names = "--seconds",
            defaultValue = "2.5",
            description = "Length of one side's span. Default: ${DEFAULT-VALUE}.")
    double seconds;

    @Option(
            names = "--warm-up",
            defaultValue = "40000",
            description = "Calls to each side before anything counts. Default: ${DEFAULT-VALUE}.")
    int warmUp;

    @Option(
            names = "--profile",
            defaultValue = "fast",
            description = "Of the nodes' sessions: fast or single-copy. Default: ${DEFAULT-VALUE}.")
    String profile = "";

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures there too.")
    Optional<Path> json = Optional.empty();

    Duration span() {
        return Duration.ofMillis((long) (seconds * 1000));
    }

    /** Empty when help was asked for or the words make no sense, which was said then. */
    static Optional<GuardBenchOptions> of(String[] words) {
        return Words.into(new GuardBenchOptions(), words);
    }
}
