package dev.strongroom.serving.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.serving.engine.InferenceException;
import dev.strongroom.serving.engine.Profile;
import dev.strongroom.serving.engine.SessionHeap;
import dev.strongroom.serving.engine.SwappedModel;
import dev.strongroom.serving.infer.OpenLease;
import dev.strongroom.serving.infer.ServedModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Eight models whose versions follow each other while they are called without a pause. */
class HotSwapTest {
    private static final int MODELS = 8;
    private static final int CALLERS = 4;
    private static final int ROOM = 2 * MODELS; // a node's memoryBytes, in models
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final LockedHeap HEAP = SessionHeap.shared();

    @TempDir private Path scratch;

    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong answers = new AtomicLong();
    private int next = 1;

    @Test
    void noCallFailsAndNothingStays() throws Exception {
        swap(Duration.ofSeconds(2));
    }

    @Test
    @Tag("nightly")
    void noCallFailsAndNothingStaysForTenMinutes() throws Exception {
        long grown = swap(Duration.ofMinutes(10));
        assertThat(grown).as("KiB more resident").isLessThan(64 << 10);
    }

    /** How many KiB the process grew by after a quarter of the time, when it has warmed up. */
    private long swap(Duration length) throws Exception {
        long lockedBefore = kibibytes("VmLck:");
        long grown;
        try (var registry = new ModelRegistry(ROOM, InstantSource.system());
                var threads = Executors.newFixedThreadPool(CALLERS)) {
            for (int model = 0; model < MODELS; model++) {
                put(registry, model);
            }
            List<CompletableFuture<Void>> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                callers.add(CompletableFuture.runAsync(() -> call(registry), threads));
            }
            long residentAfterWarmUp = 0;
            long start = System.nanoTime();
            long warm = length.toNanos() / 4;
            int swaps = 0;
            while (System.nanoTime() - start < length.toNanos()) {
                put(registry, swaps++ % MODELS);
                if (residentAfterWarmUp == 0 && System.nanoTime() - start > warm) {
                    residentAfterWarmUp = kibibytes("VmRSS:");
                }
                if (callers.stream().anyMatch(CompletableFuture::isDone)) {
                    break; // it failed; join says why
                }
            }
            grown = kibibytes("VmRSS:") - residentAfterWarmUp;
            stop.set(true);
            callers.forEach(CompletableFuture::join);
            assertThat(registry.awaitEnded(PATIENCE)).isTrue();
            System.out.printf(
                    "%d versions followed each other, %d answers, %d KiB more resident%n",
                    swaps, answers.get(), grown);
            assertThat(answers.get()).isGreaterThan(swaps);
            assertThat(SwappedModel.find(IntStream.range(next - MODELS, next)))
                    .as("weights of the models that are open, so the search finds what is there")
                    .hasSizeGreaterThanOrEqualTo(MODELS);
            assertThat(SwappedModel.find(IntStream.range(1, next - MODELS)))
                    .as("weights of every version that had a successor")
                    .isEmpty();
        }
        assertThat(HEAP.usedBytes()).isZero();
        HEAP.trim(); // free blocks wait for others of their size
        // Pages that were in use at one time are kept for the next: the heap's 32 MiB, and those of
        // the sixteen models, of a quarter MiB each, that there is room for at once.
        assertThat(kibibytes("VmLck:") - lockedBefore).as("KiB locked").isLessThan(64 << 10);
        assertThat(SwappedModel.find(IntStream.range(1, next))).isEmpty();
        return grown;
    }

    private void put(ModelRegistry registry, int model) throws Exception {
        assertThat(registry.makeRoom(Footprint.of(1), "acme/m" + model, PATIENCE)).isTrue();
        int number = next++;
        var open = SwappedModel.open(number, new Profile.Fast(HEAP), scratch);
        var served =
                new ServedModel(
                        "acme/m" + model, Integer.toString(number), open.engine(), new OpenLease());
        registry.put(new Resident(served, Footprint.of(1), open::close));
    }

    private void call(ModelRegistry registry) {
        while (!stop.get()) {
            String name = "acme/m" + ThreadLocalRandom.current().nextInt(MODELS);
            try (var hold = registry.hold(name, "").orElseThrow()) {
                int answer = SwappedModel.ask(hold.model().engine());
                assertThat(hold.model().version()).isEqualTo(Integer.toString(answer));
                answers.incrementAndGet();
            } catch (InferenceException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static long kibibytes(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.ISO_8859_1)
                .stream()
                .filter(line -> line.startsWith(field))
                .map(line -> line.substring(field.length()).strip().split(" ", 2)[0])
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow();
    }
}
