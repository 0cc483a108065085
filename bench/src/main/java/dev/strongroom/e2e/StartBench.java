package dev.strongroom.e2e;

import dev.strongroom.bench.Verdicts;
import dev.strongroom.bench.serve.Ratios;
import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.Tensor;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.sim.demo.Daemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * From the start of a node's process to its first answer, with a real model, as the measured image
 * starts it: a node of the simulated world, nothing unpacked, with and without an AOT cache.
 */
public final class StartBench {
    private static final String USAGE =
            "bench start [ROUNDS]: ROUNDS starts of each kind, 11 unless said";
    private static final long CLAIM_MILLIS = 1500;
    private static final int TOKENS = 32;
    private static final List<String> PARTS =
            List.of("fit", "version", "lease", "session", "serving");

    /** The vault is on the simulated world's module path too. */
    private static final String WORLD_MODULES = "java.net.http,java.sql.rowset";

    private static final String ROW = "%-28s %8s %8s %14s%n";
    private static final Pattern PART = Pattern.compile("([a-z]+)=([0-9]+)");

    private final int rounds;
    private final Deployment world;
    private final ModelName model;
    private final Path image;
    private final Path runtime;

    /**
     * One start: milliseconds since the process was asked for.
     *
     * @param processor milliseconds that it computed until the answer; depends less on what else
     *     the machine does
     */
    private record Start(long ready, long answered, long processor, Map<String, Long> parts) {}

    private StartBench(int rounds, Deployment world, ModelName model, Path image, Path runtime) {
        this.rounds = rounds;
        this.world = world;
        this.model = model;
        this.image = image;
        this.runtime = runtime;
    }

    /** Exit code 0 when the claim holds, 1 when not, 2 for words that make no sense. */
    public static int run(String[] words) throws Exception {
        if (words.length > 1 || (words.length == 1 && !words[0].matches("[1-9][0-9]{0,2}"))) {
            System.err.println(USAGE);
            return 2;
        }
        int rounds = words.length == 0 ? 11 : Integer.parseInt(words[0]);
        try (Deployment world = Deployment.withoutModel(Launch.plain())) {
            ModelName model = world.acme().model("minilm");
            world.permit(model);
            world.push(
                    model,
                    Path.of(System.getProperty("strongroom.models"), "all-minilm-l6-v2.onnx"));
            Path image = image(world);
            return new StartBench(rounds, world, model, image, runtime(world, image)).measure()
                    ? 0
                    : 1;
        }
    }

    /** The simulated world's libraries laid out as in an image. */
    private static Path image(Deployment world) throws IOException, InterruptedException {
        Path image = world.rest().resolve("image");
        String libraries = Path.of(System.getProperty("strongroom.dist"), "sim/lib").toString();
        world.distribution()
                .run(
                        List.of(
                                "./strongroom",
                                "image",
                                "build",
                                "--libraries",
                                libraries,
                                "--out",
                                image.toString()))
                .succeeded();
        return image.resolve("tree/strongroom");
    }

    /** The image's Java runtime, and what the simulated world requires of one besides. */
    private static Path runtime(Deployment world, Path image)
            throws IOException, InterruptedException {
        Path runtime = world.rest().resolve("runtime");
        String modules =
                world.distribution()
                        .run(List.of(java(image.resolve("runtime")), "--list-modules"))
                        .succeeded()
                        .out()
                        .lines()
                        .map(module -> module.split("@", 2)[0])
                        .collect(Collectors.joining(","));
        world.distribution()
                .run(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin/jlink").toString(),
                                "--add-modules",
                                modules + "," + WORLD_MODULES,
                                "--generate-cds-archive",
                                "--output",
                                runtime.toString()))
                .succeeded();
        return runtime;
    }

    private static String java(Path runtime) {
        return runtime.resolve("bin/java").toString();
    }

    private boolean measure() throws Exception {
        Path cache = trained();
        List<Start> plain = new ArrayList<>();
        List<Start> cached = new ArrayList<>();
        List<Start> fetching = new ArrayList<>();
        Path data = world.nodeData(900);
        start(List.of(), data); // files are there from now on, and this process is warm
        for (int round = 0; round < rounds; round++) {
            plain.add(start(List.of(), data));
            cached.add(start(List.of("-XX:AOTCache=" + cache), data));
            fetching.add(start(List.of("-XX:AOTCache=" + cache), world.nodeData(903 + round)));
        }
        print(plain, cached, fetching);
        var verdicts = new Verdicts();
        verdicts.put("plain", plain);
        verdicts.put("aot", cached);
        verdicts.put("aot_fetching", fetching);
        verdicts.atMost("first answer with an AOT cache, ms", answers(cached), CLAIM_MILLIS);
        return verdicts.finish(Optional.empty());
    }

    private static Ratios answers(List<Start> starts) {
        return new Ratios(starts.stream().map(start -> (double) start.answered()).toList());
    }

    /** An AOT cache of a whole start and an answer. */
    private Path trained() throws Exception {
        Path recorded = world.rest().resolve("start.aotconf");
        Path cache = world.rest().resolve("start.aot");
        start(
                List.of("-XX:AOTMode=record", "-XX:AOTConfiguration=" + recorded),
                world.nodeData(902));
        List<String> create =
                command(
                        List.of(
                                "-XX:AOTMode=create",
                                "-XX:AOTConfiguration=" + recorded,
                                "-XX:AOTCache=" + cache));
        Outcome created = world.distribution().run(create);
        if (!Files.exists(cache)) {
            throw new IOException("no AOT cache was made of " + recorded + ": " + created.err());
        }
        return cache;
    }

    private Start start(List<String> options, Path data) throws Exception {
        long begun = System.nanoTime();
        Daemon node = world.startNodeBy(command(options), model, data, Launch.plain());
        long ready = since(begun);
        long answered;
        try (InferenceClient client = world.attested()) {
            client.infer(tokens());
            answered = since(begun);
        }
        long processor = processor(node);
        end(node);
        return new Start(ready, answered, processor, parts());
    }

    private static long processor(Daemon node) {
        return ProcessHandle.of(node.pid())
                .flatMap(process -> process.info().totalCpuDuration())
                .orElseThrow()
                .toMillis();
    }

    /** Waits for what the virtual machine writes at its end; a recording takes seconds. */
    private static void end(Daemon node) throws Exception {
        ProcessHandle process = ProcessHandle.of(node.pid()).orElseThrow();
        process.destroy();
        process.onExit().get(3, TimeUnit.MINUTES);
        node.close();
    }

    private List<String> command(List<String> options) {
        List<String> words = new ArrayList<>();
        words.addAll(List.of("env", "ORT_DISABLE_TELEMETRY=1"));
        words.addAll(List.of("sh", "-c", "ulimit -c 0; exec \"$@\"", "sh", java(runtime)));
        words.addAll(
                List.of(
                        "-XX:+UseParallelGC",
                        "-Xms256m",
                        "-Xmx1g",
                        "-Xmn160m",
                        "-XX:+DisableAttachMechanism",
                        "-XX:-HeapDumpOnOutOfMemoryError",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:+SuppressFatalErrorMessage",
                        "-XX:-UsePerfData",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Djava.library.path=" + image.resolve("native"),
                        "-Donnxruntime.native.path=" + image.resolve("native"),
                        "-Dstrongroom.root=" + world.distribution().root()));
        words.addAll(options);
        words.addAll(
                List.of(
                        "--enable-native-access=dev.strongroom.enclave,dev.strongroom.attestation,dev.strongroom.crypto,io.grpc.netty.shaded,com.microsoft.onnxruntime,org.conscrypt,dev.strongroom.testkit",
                        "--module-path=" + image.resolve("lib"),
                        "--module=dev.strongroom.sim/dev.strongroom.sim.SimNode"));
        return words;
    }

    private static List<Tensor> tokens() {
        long[] ones = LongStream.generate(() -> 1).limit(TOKENS).toArray();
        List<Long> shape = List.of(1L, (long) TOKENS);
        return List.of(
                Tensor.ofLongs("input_ids", shape, ones),
                Tensor.ofLongs("attention_mask", shape, ones),
                Tensor.ofLongs("token_type_ids", shape, ones));
    }

    /** What the last node said in its log of the parts of its start. */
    private Map<String, Long> parts() throws IOException {
        String line =
                Files.readAllLines(world.nodeLog()).stream()
                        .filter(text -> text.contains("node.started "))
                        .reduce((earlier, later) -> later)
                        .orElseThrow();
        var parts = new LinkedHashMap<String, Long>();
        Matcher part = PART.matcher(line);
        while (part.find()) {
            parts.put(part.group(1), Long.parseLong(part.group(2)));
        }
        return parts;
    }

    private static void print(List<Start> plain, List<Start> cached, List<Start> fetching) {
        System.out.printf(ROW, "ms, medians", "plain", "AOT", "AOT, fetching");
        List<List<Start>> columns = List.of(plain, cached, fetching);
        for (String part : PARTS) {
            print(part + " (since the JVM began)", columns, start -> start.parts().get(part));
        }
        print("ready line (since exec)", columns, Start::ready);
        print("first answer (since exec)", columns, Start::answered);
        print("processor time until then", columns, Start::processor);
    }

    private static void print(String what, List<List<Start>> columns, ToLongFunction<Start> of) {
        Object[] medians =
                columns.stream().map(starts -> median(starts.stream().mapToLong(of))).toArray();
        System.out.printf(ROW, what, medians[0], medians[1], medians[2]);
    }

    private static long median(LongStream values) {
        long[] sorted = values.sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static long since(long begun) {
        return (System.nanoTime() - begun) / 1_000_000;
    }
}
