package dev.strongroom.bench.load;

import dev.strongroom.bench.Words;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What {@code ./strongroom bench load} takes. */
@Command(
        name = "bench load",
        mixinStandardHelpOptions = true,
        description = {
            "Opens and loads sealed models beside the same models in plain and beside openssl, in"
                    + " turns.",
            "Only ratios of one run count. Exit code 1: a ratio is not what is claimed.",
            "Needs 10 GB of disk and 9 GB of memory with all parts; some minutes."
        })
final class LoadOptions {
    enum Part {
        /** Segments beside openssl speed. */
        OPEN,
        /** MiniLM, warm and in fresh processes. */
        MINILM,
        /** A generated model of 1 GiB. */
        LARGE,
        /** A generated model of 3 GiB, three rounds. */
        LARGER
    }

    @Option(
            names = "--part",
            split = ",",
            description = "Some of ${COMPLETION-CANDIDATES}. Default: all.")
    Set<Part> parts = EnumSet.allOf(Part.class);

    @Option(names = "--pairs", defaultValue = "11", description = "Default: ${DEFAULT-VALUE}.")
    int pairs;

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "For the models; emptied afterwards. Default: the temporary folder.")
    Optional<Path> folder = Optional.empty();

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures there too.")
    Optional<Path> json = Optional.empty();

    boolean runs(Part part) {
        return parts.contains(part);
    }

    /** Empty when help was asked for or the words make no sense, which was said then. */
    static Optional<LoadOptions> of(String[] words) {
        return Words.into(new LoadOptions(), words);
    }
}
