package dev.strongroom.bench.load;

import dev.strongroom.bench.Verdicts;
import dev.strongroom.bench.load.FreshLoad.Way;
import dev.strongroom.bench.load.LoadOptions.Part;
import dev.strongroom.bench.serve.Ratios;
import dev.strongroom.client.Progress;
import dev.strongroom.client.prepare.ModelSource;
import dev.strongroom.client.prepare.PrepareProcess;
import dev.strongroom.client.prepare.PrivateDirectory;
import dev.strongroom.enclave.load.VersionOnDisk;
import dev.strongroom.enclave.memory.KeptPages;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.memory.ResidentMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** What opening and loading a sealed model costs, as ratios to what others do beside it. */
public final class LoadBench {
    private static final String AS_IS = "plain, createSession(path)";
    private static final String CONVERTED = "plain, converted before";
    private static final String SAME = "plain, the sealed one's files, createSession(path)";
    private static final String LAZY = "plain, converted, mapped, no prepacking";
    private static final String SINGLE = "sealed, single-copy";
    private static final String FAST = "sealed, fast";
    private static final String FAST_ANEW = "sealed, fast, into pages that nobody kept";
    private static final String SECRET = "sealed, single-copy in secretmem";
    private static final int BULK_LAYERS = 4; // 256 MiB
    private static final int ROUNDS_OF_LARGE = 3;
    private static final int PEAKS = 3;
    private static final double MIB = 1 << 20;

    private static final int WARM_UPS = 8; // the compiler's, mostly
    private static final long MINILM_BYTES = 256L << 20; // what the hungriest side takes
    private static final long ONE_GIB_BYTES = 3L << 30;
    private static final long CONVERTED_GIB_BYTES = 3L << 29;
    private static final long THREE_GIB_BYTES = 4L << 30;

    private final LoadOptions options;
    private final Path folder;
    private final Verdicts verdicts = new Verdicts();
    private final SealedLoad sealed;

    private LoadBench(LoadOptions options, Path folder) {
        this.options = options;
        this.folder = folder;
        this.sealed = new SealedLoad(folder.resolve("scratch"));
    }

    /** Exit code 0 when the claims hold, 1 when not, 2 for words that make no sense. */
    public static int run(String[] words) throws Exception {
        Optional<LoadOptions> options = LoadOptions.of(words);
        if (options.isEmpty()) {
            return 2;
        }
        Path parent = options.get().folder.orElse(Path.of(System.getProperty("java.io.tmpdir")));
        Path folder =
                Files.createTempDirectory(Files.createDirectories(parent), "strongroom-bench");
        try {
            return new LoadBench(options.get(), folder).measure() ? 0 : 1;
        } finally {
            delete(folder);
        }
    }

    private boolean measure() throws Exception {
        if (options.runs(Part.OPEN)) {
            open();
        }
        if (options.runs(Part.MINILM)) {
            miniLm();
        }
        if (options.runs(Part.LARGE)) {
            oneGib();
        }
        if (options.runs(Part.LARGER)) {
            threeGib();
        }
        return verdicts.finish(options.json);
    }

    private void open() throws Exception {
        title("opening segments of 1 MiB from mapped ciphertext into locked memory, GB/s");
        Path plain = new SyntheticModel(BULK_LAYERS).external(folder.resolve("bulk"));
        VersionOnDisk version =
                Sealing.seal(
                        List.of(plain.resolveSibling(SyntheticModel.WEIGHTS)),
                        folder.resolve("bulk-sealed"));
        Map<String, List<Double>> seen;
        try (var bulk = new BulkOpen(version)) {
            seen =
                    new Pairs()
                            .with("openssl speed, 1 process", () -> OpenSsl.gigabytesPerSecond(1))
                            .with("opened, 1 thread", () -> bulk.gigabytesPerSecond(1))
                            .with("openssl speed -multi 2", () -> OpenSsl.gigabytesPerSecond(2))
                            .with("opened, 2 threads", () -> bulk.gigabytesPerSecond(2))
                            .run(1, options.pairs);
        }
        rows("open", seen, "GB/s");
        verdicts.atLeast(
                "opened by 1 thread / openssl, 1 process",
                ratio(seen, "opened, 1 thread", "openssl speed, 1 process"),
                1.0);
        verdicts.atLeast(
                "opened by 2 threads / openssl -multi 2",
                ratio(seen, "opened, 2 threads", "openssl speed -multi 2"),
                1.3);
        delete(folder.resolve("bulk"));
        delete(folder.resolve("bulk-sealed"));
    }

    private void miniLm() throws Exception {
        title("all-MiniLM-L6-v2, 90 MB: time until the first answer, warm JVM, ms");
        Path plain =
                Path.of(System.getProperty("strongroom.models")).resolve("all-minilm-l6-v2.onnx");
        try (var directory = PrivateDirectory.create(folder)) {
            ModelSource prepared =
                    PrepareProcess.run(ModelSource.of(plain), directory, Progress.SILENT);
            Path graph = prepared.graph().path();
            Path at = folder.resolve("minilm-sealed");
            VersionOnDisk version =
                    Sealing.seal(
                            prepared.parts().stream().map(ModelSource.Part::path).toList(), at);
            var seen =
                    new Pairs()
                            .with(AS_IS, touched(MINILM_BYTES), () -> PlainLoad.asIs(plain))
                            .with(SAME, touched(MINILM_BYTES), () -> PlainLoad.asIs(graph))
                            .with(
                                    CONVERTED,
                                    touched(MINILM_BYTES),
                                    () -> PlainLoad.converted(graph))
                            .with(LAZY, () -> PlainLoad.convertedWithoutPrepacking(graph))
                            .with(SINGLE, () -> sealed.singleCopy(version, Protection.LOCKED))
                            .with(FAST, () -> sealed.fast(version))
                            .with(
                                    FAST_ANEW,
                                    () -> {
                                        KeptPages.giveBack();
                                        touched(MINILM_BYTES).run();
                                    },
                                    () -> sealed.fast(version))
                            .with(SECRET, () -> sealed.singleCopy(version, Protection.SECRET))
                            .run(WARM_UPS, Math.max(options.pairs, 11));
            rows("minilm", seen, "ms");
            verdicts.atMost("MiniLM: " + SINGLE + " / " + AS_IS, ratio(seen, SINGLE, AS_IS), 0.4);
            verdicts.ratio("MiniLM: " + FAST + " / " + AS_IS, ratio(seen, FAST, AS_IS));
            verdicts.atMost("MiniLM: " + FAST + " / " + SAME, ratio(seen, FAST, SAME), 1.1);
            verdicts.ratio("MiniLM: " + FAST_ANEW + " / " + SAME, ratio(seen, FAST_ANEW, SAME));
            verdicts.ratio("MiniLM: " + FAST + " / " + CONVERTED, ratio(seen, FAST, CONVERTED));
            verdicts.ratio("MiniLM: " + SINGLE + " / " + LAZY, ratio(seen, SINGLE, LAZY));
            fresh(plain, graph, at);
            peak("MiniLM", at, version.plaintextBytes());
        }
    }

    private void fresh(Path plain, Path graph, Path at) throws Exception {
        title("all-MiniLM-L6-v2: the first load of a fresh process, ms");
        Pairs.Step memory = touched(MINILM_BYTES);
        var seen =
                new Pairs()
                        .with(AS_IS, memory, () -> inNewProcess(Way.PLAIN, plain).millis())
                        .with(SAME, memory, () -> inNewProcess(Way.PLAIN, graph).millis())
                        .with(SINGLE, memory, () -> inNewProcess(Way.SINGLE_COPY, at).millis())
                        .with(FAST, memory, () -> inNewProcess(Way.FAST, at).millis())
                        .run(1, options.pairs);
        rows("minilm-fresh", seen, "ms");
        verdicts.atMost(
                "MiniLM, fresh process: " + SINGLE + " / " + AS_IS,
                ratio(seen, SINGLE, AS_IS),
                0.9);
        verdicts.ratio("MiniLM, fresh process: " + FAST + " / " + AS_IS, ratio(seen, FAST, AS_IS));
        verdicts.ratio("MiniLM, fresh process: " + FAST + " / " + SAME, ratio(seen, FAST, SAME));
    }

    private void oneGib() throws Exception {
        title("generated, 16 matrices, 1 GiB: time until the first answer, ms");
        var model = new SyntheticModel(16);
        Path inline = model.inline(folder.resolve("inline.onnx"));
        Path graph = model.external(folder.resolve("large"));
        Path at = folder.resolve("large-sealed");
        VersionOnDisk version = Sealing.seal(files(graph), at);
        var seen =
                new Pairs()
                        .with(AS_IS, touched(ONE_GIB_BYTES), () -> PlainLoad.asIs(inline))
                        .with(SAME, touched(CONVERTED_GIB_BYTES), () -> PlainLoad.asIs(graph))
                        .with(
                                CONVERTED,
                                touched(CONVERTED_GIB_BYTES),
                                () -> PlainLoad.converted(graph))
                        .with(LAZY, () -> PlainLoad.convertedWithoutPrepacking(graph))
                        .with(SINGLE, () -> sealed.singleCopy(version, Protection.LOCKED))
                        .with(FAST, () -> sealed.fast(version))
                        .run(1, options.pairs);
        rows("one-gib", seen, "ms");
        verdicts.atMost("1 GiB: " + SINGLE + " / " + AS_IS, ratio(seen, SINGLE, AS_IS), 0.3);
        verdicts.atMost("1 GiB: " + FAST + " / " + SAME, ratio(seen, FAST, SAME), 1.1);
        verdicts.ratio("1 GiB: " + FAST + " / " + CONVERTED, ratio(seen, FAST, CONVERTED));
        verdicts.ratio("1 GiB: " + SINGLE + " / " + LAZY, ratio(seen, SINGLE, LAZY));
        peak("1 GiB", at, version.plaintextBytes());
        delete(inline);
        delete(folder.resolve("large"));
        delete(at);
    }

    private void threeGib() throws Exception {
        title("generated, 48 matrices, 3 GiB: time until the first answer, ms");
        Path graph = new SyntheticModel(48).external(folder.resolve("larger"));
        VersionOnDisk version = Sealing.seal(files(graph), folder.resolve("larger-sealed"));
        var seen =
                new Pairs()
                        .with(CONVERTED, touched(THREE_GIB_BYTES), () -> PlainLoad.converted(graph))
                        .with(LAZY, () -> PlainLoad.convertedWithoutPrepacking(graph))
                        .with(SINGLE, () -> sealed.singleCopy(version, Protection.LOCKED))
                        .with(FAST, () -> sealed.fast(version))
                        .run(0, ROUNDS_OF_LARGE);
        rows("three-gib", seen, "ms");
        verdicts.ratio("3 GiB: " + SINGLE + " / " + CONVERTED, ratio(seen, SINGLE, CONVERTED));
        verdicts.ratio("3 GiB: " + FAST + " / " + CONVERTED, ratio(seen, FAST, CONVERTED));
        verdicts.ratio("3 GiB: " + SINGLE + " / " + LAZY, ratio(seen, SINGLE, LAZY));
        delete(folder.resolve("larger"));
        delete(folder.resolve("larger-sealed"));
    }

    private static void title(String text) {
        Verdicts.say("%n%s", text);
    }

    /** Medians of each way. */
    private void rows(String section, Map<String, List<Double>> seen, String unit) {
        var figures = new LinkedHashMap<String, Object>();
        seen.forEach((way, samples) -> {
            var all = new Ratios(samples);
            double least = all.sorted().getFirst();
            double most = all.sorted().getLast();
            Verdicts.say("  %-62s %8.1f %s (%.1f to %.1f)", way, all.median(), unit, least, most);
            figures.put(
                    way, Map.of("median", all.median(), "min", least, "max", most, "unit", unit));
        });
        verdicts.put(section, figures);
    }

    /** The whole process, its virtual machine and libraries included. */
    private void peak(String model, Path at, long bytes) throws Exception {
        title(model + ": peak resident memory of a process that loads it, MiB");
        var seen =
                new Pairs()
                        .with("no model", () -> inNewProcess(Way.NOTHING, at).peakBytes() / MIB)
                        .with(SINGLE, () -> inNewProcess(Way.SINGLE_COPY, at).peakBytes() / MIB)
                        .with(FAST, () -> inNewProcess(Way.FAST, at).peakBytes() / MIB)
                        .run(0, PEAKS);
        rows("peak-" + model, seen, "MiB");
        verdicts.atMost(
                model + ": peak of " + SINGLE + ", MiB over the model's own",
                new Ratios(samples(seen, SINGLE)).median() - bytes / MIB,
                200);
    }

    private FreshLoad.Seen inNewProcess(Way way, Path at) throws IOException, InterruptedException {
        Path libraries = folder.resolve("libraries");
        return FreshLoad.in(LibraryFiles.option(libraries), way, at);
    }

    /**
     * A sample finds so much memory free that was in use a moment ago. A hypervisor takes back what
     * was free for some seconds, and then the first touch of a page costs ten microseconds: the
     * host's time, which would be the longer the more memory a side takes.
     */
    private static Pairs.Step touched(long bytes) {
        return () -> new ResidentMemory(bytes).close();
    }

    private static List<Path> files(Path graph) {
        return List.of(graph, graph.resolveSibling(SyntheticModel.WEIGHTS));
    }

    private static Ratios ratio(Map<String, List<Double>> seen, String ours, String theirs) {
        return Ratios.of(samples(seen, ours), samples(seen, theirs));
    }

    private static List<Double> samples(Map<String, List<Double>> seen, String subject) {
        return Objects.requireNonNull(seen.get(subject), subject);
    }

    private static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> all = Files.walk(path)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
