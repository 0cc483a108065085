package dev.strongroom.e2e;

import dev.strongroom.bench.Words;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What {@code ./strongroom bench rotation} takes. */
@Command(
        name = "bench rotation",
        mixinStandardHelpOptions = true,
        description = {
            "Re-wraps many records, first with all of the token beside the module's own ceiling,"
                    + " then with a fifth of it while a vault serves releases and a node inference.",
            "Only ratios of one run count. Exit code 1: a ratio is not what is claimed."
        })
final class BenchOptions {
    enum Part {
        ALL,
        WHOLE,
        SHARED
    }

    @Option(
            names = "--records",
            defaultValue = "100000",
            description = "Default: ${DEFAULT-VALUE}.")
    int records;

    @Option(names = "--pairs", defaultValue = "7", description = "Default: ${DEFAULT-VALUE}.")
    int pairs;

    @Option(
            names = "--seconds",
            defaultValue = "20",
            description = "Length of half a pair. Default: ${DEFAULT-VALUE}.")
    int seconds;

    @Option(
            names = "--part",
            defaultValue = "ALL",
            description = "One of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    Part part = Part.ALL;

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures there too.")
    Optional<Path> json = Optional.empty();

    Duration half() {
        return Duration.ofSeconds(seconds);
    }

    boolean runs(Part one) {
        return part == Part.ALL || part == one;
    }

    /** Empty when help was asked for or the words make no sense, which was said then. */
    static Optional<BenchOptions> of(String[] words) {
        return Words.into(new BenchOptions(), words);
    }
}
