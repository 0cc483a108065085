package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.client.PushRequest.Preparing;
import dev.strongroom.client.Pushed;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.testkit.Eventually;
import dev.strongroom.testkit.hunt.Finding;
import dev.strongroom.testkit.hunt.HuntReport;
import dev.strongroom.testkit.hunt.MemoryHunt;
import dev.strongroom.testkit.hunt.Needles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Eight models on a node whose versions follow each other, pushed one after the other, while it is
 * called without a pause: half of them follow the latest version, half go by an alias.
 */
@Tag("nightly")
class NodeSwapsTest {
    private static final Duration LENGTH =
            Duration.ofMinutes(Integer.getInteger("strongroom.swapMinutes", 10));

    private static final int MODELS = 8;
    private static final int CALLERS = 4;
    private static final int WEIGHTS_BYTES = 1 << 20; // what is not given back shows among so much
    private static final int NEEDLE_FLOATS = 12; // 48 bytes
    private static final int NEEDLES = 16; // of each version
    private static final float TOLERANCE = 1e-4f;

    private static final long RESIDENT_KIB = 64 << 10;
    private static final long LOCKED_KIB = MODELS * (WEIGHTS_BYTES >> 10) / 4;
    private static final long THREADS = 8;
    private static final long DESCRIPTORS = 16;

    private static Deployment world;
    private static List<ModelName> models;

    private final Map<String, Long> seeds = new ConcurrentHashMap<>(); // by name:version
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong answers = new AtomicLong();
    private final int[] versions = new int[MODELS];
    private long nextSeed = 1000; // a row that is asked is of a low one's weights

    /** What the kernel counts of a process. */
    private record Footprint(long residentKib, long lockedKib, long threads, long descriptors) {
        static Footprint of(long pid) throws IOException {
            try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
                return new Footprint(
                        status(pid, "VmRSS:"),
                        status(pid, "VmLck:"),
                        status(pid, "Threads:"),
                        open.count());
            }
        }

        private static long status(long pid, String field) throws IOException {
            try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
                return lines.filter(line -> line.startsWith(field))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                        .findFirst()
                        .orElseThrow();
            }
        }
    }

    @BeforeAll
    static void startVault() throws Exception {
        HuntedModel.requireRoot();
        world = Deployment.withoutModel(Launch.optimised());
        models =
                IntStream.range(0, MODELS)
                        .mapToObj(i -> world.acme().model("swapped" + i))
                        .toList();
        for (ModelName model : models) {
            world.permit(model);
        }
    }

    @AfterAll
    static void close() throws Exception {
        if (world != null) {
            world.close();
        }
    }

    @Test
    void noCallFailsAndNothingOfAnEarlierVersionStays() throws Exception {
        for (int i = 0; i < MODELS; i++) {
            push(i);
        }
        world.startNode(
                String.join("\n", Stream.concat(Stream.of("models:"), lines()).toList()),
                world.nodeData(0),
                Launch.optimised());
        long pid = world.node().pid();
        Footprint warm = Footprint.of(pid);
        int swaps = 0;
        List<Future<?>> asking = new ArrayList<>();
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            IntStream.range(0, CALLERS).forEach(_ -> asking.add(callers.submit(this::ask)));
            try (var caller = caller()) {
                long start = System.nanoTime();
                boolean warming = true;
                while (System.nanoTime() - start < LENGTH.toNanos()
                        && asking.stream().noneMatch(Future::isDone)) {
                    swap(caller, swaps++ % MODELS);
                    if (warming && System.nanoTime() - start > LENGTH.toNanos() / 4) {
                        warming = false;
                        warm = settled(swaps);
                    }
                }
            } finally {
                stop.set(true);
            }
            requireNoFailure(asking);
        }
        Footprint end = settled(swaps);
        System.out.printf(
                "%d versions followed each other in %s, %d answers; a quarter on %s, at the end %s%n",
                swaps, LENGTH, answers.get(), warm, end);
        assertThat(answers.get()).isGreaterThan(swaps);
        assertThat(end.residentKib() - warm.residentKib()).isLessThan(RESIDENT_KIB);
        assertThat(end.lockedKib() - warm.lockedKib()).isLessThan(LOCKED_KIB);
        assertThat(end.threads() - warm.threads()).isLessThan(THREADS);
        assertThat(end.descriptors() - warm.descriptors()).isLessThan(DESCRIPTORS);

        List<Long> served = IntStream.range(0, MODELS).mapToObj(this::seed).toList();
        HuntReport here = hunt(pid, served);
        assertThat(here.distinct())
                .as("of what is served, so the hunt sees")
                .isEqualTo(here.needles());
        List<Long> gone = seeds.values().stream().filter(seed -> !served.contains(seed)).toList();
        assertThat(gone).hasSize(swaps);
        assertThat(hunt(pid, gone).hitPlaces())
                .extracting(Finding::place, Finding::example)
                .isEmpty();
    }

    /** Half of them by an alias. */
    private static Stream<String> lines() {
        return IntStream.range(0, MODELS)
                .mapToObj(i ->
                        byAlias(i)
                                ? "  - {model: %s@production}".formatted(models.get(i))
                                : "  - {model: %s, follow: 1}".formatted(models.get(i)));
    }

    private static boolean byAlias(int model) {
        return model % 2 == 0;
    }

    /** One more version of a model, in force as soon as the node has it. */
    private void swap(Caller caller, int model) throws Exception {
        push(model);
        String version = Integer.toString(versions[model]);
        Eventually.holds(() ->
                TinyQuestion.ask(caller.channel(), models.get(model), "")
                        .getModelVersion()
                        .equals(version));
    }

    private void push(int model) throws Exception {
        long seed = nextSeed++;
        int version = ++versions[model];
        seeds.put(models.get(model) + ":" + version, seed); // before anybody can be answered by it
        Path folder = world.owner().resolve("swapped-" + seed);
        Pushed pushed =
                world.push(
                        models.get(model),
                        ExternalModel.write(folder, seed, WEIGHTS_BYTES),
                        Preparing.NEVER);
        assertThat(pushed.number()).isEqualTo(version);
        for (String file : List.of("model.onnx", "weights.bin")) {
            Files.delete(folder.resolve(file));
        }
        if (byAlias(model)) {
            world.command(
                            world.acme().owner(),
                            "model",
                            "alias",
                            "set",
                            models.get(model) + "@production",
                            Integer.toString(version))
                    .succeeded();
        }
    }

    private long seed(Object model, String version) {
        return Objects.requireNonNull(seeds.get(model + ":" + version));
    }

    /** Of the version in force. */
    private long seed(int model) {
        return seed(models.get(model), "" + versions[model]);
    }

    private Void ask() throws IOException {
        try (var caller = caller()) {
            while (!stop.get()) {
                ModelName model = models.get(ThreadLocalRandom.current().nextInt(MODELS));
                requireRight(model, TinyQuestion.ask(caller.channel(), model, ""));
                answers.incrementAndGet();
            }
            return null;
        }
    }

    private static Caller caller() throws IOException {
        return Caller.of(world.acme().consumer(), world.node().field("grpc"));
    }

    private void requireRight(ModelName model, ModelInferResponse response) {
        float[] answer = new float[TinyModel.SIDE];
        response.getRawOutputContents(0)
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(answer);
        long seed = seed(model, response.getModelVersion());
        float[] expected = ExternalModel.expected(TinyModel.row(3), seed);
        for (int i = 0; i < answer.length; i++) {
            if (Math.abs(answer[i] - expected[i]) > TOLERANCE) {
                throw new AssertionError("an answer of another version than it says");
            }
        }
    }

    private static void requireNoFailure(List<Future<?>> asking) throws InterruptedException {
        for (Future<?> each : asking) {
            try {
                each.get();
            } catch (ExecutionException e) {
                throw new AssertionError("a call failed while versions changed", e.getCause());
            }
        }
    }

    /** When every version that was followed has been overwritten, and the log has it. */
    private static Footprint settled(int swaps) throws Exception {
        Eventually.holds(() ->
                Files.readString(world.nodeLog()).split("zeroisation.reported", -1).length - 1
                        == swaps);
        return Footprint.of(world.node().pid());
    }

    private static HuntReport hunt(long pid, List<Long> ofSeeds)
            throws IOException, InterruptedException {
        var needles = Needles.builder(new SecureRandom());
        for (long seed : ofSeeds) {
            float[] weights = TinyModel.weights(seed);
            int step = weights.length / NEEDLES;
            for (int at = 0; at < weights.length; at += step) {
                needles.add(seed + "@" + at, bytes(weights, at));
            }
        }
        return new MemoryHunt(needles.build(), 1).hunt(pid, MemoryHunt.Pause.RUNNING);
    }

    private static byte[] bytes(float[] weights, int at) {
        ByteBuffer bytes =
                ByteBuffer.allocate(NEEDLE_FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(Arrays.copyOfRange(weights, at, at + NEEDLE_FLOATS));
        return bytes.array();
    }
}
