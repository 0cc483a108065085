package dev.strongroom.e2e;

import dev.strongroom.bench.Words;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What {@code ./strongroom bench serve} takes. */
@Command(
        name = "bench serve",
        mixinStandardHelpOptions = true,
        description = {
            "Serves models by a real node over mutual TLS 1.3, beside a bare gRPC echo of the same"
                    + " sizes in the clear and beside ONNX Runtime in this process, in interleaved"
                    + " pairs.",
            "Only ratios of one run count. Exit code 1: a ratio is not what is claimed."
        })
final class ServeOptions {
    enum Row {
        TINY,
        TINY_ALONE,
        SHORT,
        PAIRED,
        LONG,
        OVERLOAD,
        /** Beside other servers: a tiny model, 32 under way, and MiniLM, 16 callers. */
        PEERS
    }

    @Option(names = "--pairs", defaultValue = "11", description = "Default: ${DEFAULT-VALUE}.")
    int pairs;

    @Option(
            names = "--seconds",
            defaultValue = "2.5",
            description = "Length of one side's span. Default: ${DEFAULT-VALUE}.")
    double seconds;

    @Option(
            names = "--overload-seconds",
            defaultValue = "60",
            description =
                    "Length of the overload; a crowd has a quarter of it besides. Default:"
                            + " ${DEFAULT-VALUE}.")
    int overloadSeconds;

    @Option(
            names = "--warm-up",
            defaultValue = "300000",
            description =
                    "Tiny calls to each side before anything counts, and a twelfth of that to MiniLM:"
                            + " the compiler is part of what is measured. Default:"
                            + " ${DEFAULT-VALUE}.")
    int warmUp;

    @Option(
            names = "--row",
            split = ",",
            description = "Some of ${COMPLETION-CANDIDATES}; without it all.")
    Set<Row> rows = EnumSet.noneOf(Row.class);

    @Option(
            names = "--peer",
            paramLabel = "HOST:PORT|http://HOST:PORT",
            description = {
                "Another server of the Open Inference Protocol in the clear, by gRPC or HTTP, for the"
                        + " row PEERS. It serves models tiny and minilm, which --models writes. Can"
                        + " be repeated."
            })
    List<String> peers = new ArrayList<>();

    @Option(
            names = "--models",
            paramLabel = "DIR",
            description = "Writes the plain models there for a peer to serve, and ends.")
    Optional<Path> models = Optional.empty();

    @Option(
            names = "--profile",
            defaultValue = "fast",
            description = "Of the node's sessions: fast or single-copy. Default: ${DEFAULT-VALUE}.")
    String profile = "";

    @Option(
            names = "--node-option",
            description = "An option of the node's JVM, such as a recording. Can be repeated.")
    String[] nodeOptions = {};

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures there too.")
    Optional<Path> json = Optional.empty();

    boolean runs(Row row) {
        return rows.isEmpty() || rows.contains(row);
    }

    boolean runsOneOf(Row... some) {
        return Arrays.stream(some).anyMatch(this::runs);
    }

    Duration span() {
        return Duration.ofMillis((long) (seconds * 1000));
    }

    /** Empty when help was asked for or the words make no sense, which was said then. */
    static Optional<ServeOptions> of(String[] words) {
        return Words.into(new ServeOptions(), words);
    }
}
