package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.Progress;
import dev.strongroom.client.PushRequest.Preparing;
import dev.strongroom.client.Tensor;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.sim.demo.Daemon;
import dev.strongroom.sim.demo.PlainRun;
import dev.strongroom.sim.demo.PreparedModel;
import dev.strongroom.testkit.hunt.FileHunt;
import dev.strongroom.testkit.hunt.Finding;
import dev.strongroom.testkit.hunt.HuntReport;
import dev.strongroom.testkit.hunt.MemoryHunt;
import dev.strongroom.testkit.hunt.Needles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Looks for windows of a real model's plain weights, from outside, in every file beside the owner's
 * folder and in the memory of vault and node. One world, and steps in order: the last ones kill it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PlaintextHuntTest {
    private static final int WINDOWS = 30_000; // one in about 3 kB of weights
    private static final int PUSHES_AND_RELEASES = 3;
    private static final int INFERENCES = 100;
    private static final long GCORE_SECONDS = 60;

    private final SecureRandom random = new SecureRandom();
    private final String planted = HexFormat.of().formatHex(random.generateSeed(24));
    private Deployment world;
    private PreparedModel reference;
    private Needles windows;
    private Needles plantedNeedle;
    private ModelName model;

    @BeforeAll
    void pushAndServeAModel() throws Exception {
        Path minilm =
                Path.of(System.getProperty("strongroom.models")).resolve("all-minilm-l6-v2.onnx");
        world = Deployment.withoutModel(marked());
        model = world.acme().model("minilm");
        Path beside = Files.createDirectory(world.owner().resolve("reference"));
        reference = PreparedModel.of(minilm, beside, Progress.SILENT);
        windows = reference.windows(WINDOWS, random);
        plantedNeedle =
                Needles.builder(random)
                        .add("planted", planted.getBytes(StandardCharsets.US_ASCII))
                        .build();
        world.permit(model);
        world.push(model, minilm);
        world.serves(model);
        world.startNode(model, marked());
        System.out.printf(
                "hunt: %d windows of 48 bytes in %d files%n",
                windows.count(), reference.files().size());
    }

    /** With a string in the heap, and little address space, which a core writes out in full. */
    private Launch marked() {
        return Launch.plain()
                .withJvmOptions(
                        "-Dplanted=" + planted,
                        "-Xmx256m",
                        "-XX:ReservedCodeCacheSize=64m",
                        "-XX:CompressedClassSpaceSize=64m");
    }

    @AfterAll
    void close() throws IOException {
        if (reference != null) {
            reference.close();
        }
        if (world != null) {
            world.close();
        }
    }

    @Test
    @Order(1)
    void findsWhatIsPlantedInVaultNodeAndFile() throws Exception {
        requireRoot();
        Path file = Files.writeString(world.rest().resolve("planted.txt"), "x" + planted);
        HuntReport files = new FileHunt(plantedNeedle).hunt(List.of(world.rest()), Set.of());
        assertThat(files.hitPlaces()).extracting(Finding::place).contains(file.toString());
        Files.delete(file);
        for (Daemon process : List.of(world.vault(), world.node())) {
            HuntReport report = memory(plantedNeedle, process);
            assertThat(report.hitPlaces())
                    .as("a string in the Java heap of %s", report.subject())
                    .extracting(Finding::place)
                    .anyMatch(place -> place.contains("rw-p") && !place.contains("[stack]"));
        }
    }

    @Test
    @Order(2)
    void theVaultHoldsNoneWhileItTakesAndReleasesModels() throws Exception {
        requireRoot();
        List<HuntReport> reports = new ArrayList<>();
        try (var executor = Executors.newSingleThreadExecutor()) {
            Future<?> work =
                    executor.submit(() -> {
                        pushAndRelease();
                        return null;
                    });
            while (!work.isDone()) {
                reports.add(memory(windows, world.vault()));
            }
            work.get();
        }
        reports.add(memory(windows, world.vault()));
        long bytes = reports.stream().mapToLong(HuntReport::scannedBytes).sum();
        System.out.printf(
                "hunt: vault, %d pushes and releases: %d hits in %d scans of %d MB together%n",
                PUSHES_AND_RELEASES,
                reports.stream().mapToInt(HuntReport::hits).sum(),
                reports.size(),
                bytes / 1_000_000);
        assertThat(reports).allSatisfy(report -> assertThat(report.hitPlaces()).isEmpty());
    }

    /** The prepared files as they are, so that the windows are those of every version. */
    private void pushAndRelease() throws Exception {
        Path folder = Objects.requireNonNull(reference.graph().getParent());
        for (int i = 0; i < PUSHES_AND_RELEASES; i++) {
            world.push(model, folder, Preparing.NEVER);
            Daemon served = world.node();
            world.startNode(model, marked());
            served.close();
        }
    }

    @Test
    @Order(3)
    void theNodeHoldsEachOnceAndOnlyInLockedUndumpedPages() throws Exception {
        requireRoot();
        try (InferenceClient client = world.attested();
                var plain = new PlainRun(reference.graph())) {
            var inputs = new Random(1);
            for (int i = 0; i < INFERENCES; i++) {
                List<Tensor> some = plain.randomInputs(inputs, 1 + i % 4, 1 + i % 32);
                client.infer(some);
            }
        }
        HuntReport report = memory(windows, world.node());
        System.out.printf(
                "hunt: node after %d inferences: %d of %d windows, at most %d times each, in %d"
                        + " mapping(s), %d MB scanned in %d ms, %d bytes unreadable%n",
                INFERENCES,
                report.distinct(),
                report.needles(),
                report.mostCopies(),
                report.hitPlaces().size(),
                report.scannedBytes() / 1_000_000,
                report.took().toMillis(),
                report.unreadableBytes());
        assertThat(report.hitPlaces())
                .extracting(Finding::place)
                .as("mappings with weights")
                .isNotEmpty()
                .allMatch(PlaintextHuntTest::isProtected);
        assertThat(report.mostCopies()).isEqualTo(1);
        assertThat(report.distinct())
                .as("every window is where it belongs")
                .isEqualTo(report.needles());
    }

    @Test
    @Order(4)
    void noFileOutsideTheOwnersFolderHoldsAny() throws Exception {
        assertFilesClean("while both run");
    }

    @Test
    @Order(5)
    void aCoreOfTheNodeHoldsNone() throws Exception {
        requireRoot();
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/gcore")),
                "gcore is not installed (package gdb): the core of a node is not looked at");
        Path prefix = world.rest().resolve("core");
        Process gcore =
                new ProcessBuilder("gcore", "-o", prefix.toString(), "" + world.node().pid())
                        .redirectErrorStream(true)
                        .redirectOutput(world.rest().resolve("gcore.log").toFile())
                        .start();
        assertThat(gcore.waitFor(GCORE_SECONDS, TimeUnit.SECONDS)).isTrue();
        Path core = Path.of(prefix + "." + world.node().pid());
        HuntReport report = new FileHunt(windows).hunt(List.of(core), Set.of());
        HuntReport control = new FileHunt(plantedNeedle).hunt(List.of(core), Set.of());
        System.out.printf(
                "hunt: gcore of the node, %d MB: %d hits; %d of what its heap holds%n",
                Files.size(core) / 1_000_000, report.hits(), control.hits());
        assertThat(control.hits()).as("the core has the heap").isPositive();
        assertThat(report.hitPlaces()).isEmpty();
        Files.delete(core);
    }

    @Test
    @Order(6)
    void noFileHoldsAnyAfterEitherProcessIsKilled() throws Exception {
        world.node().kill();
        assertFilesClean("after kill -9 of the node");
        world.vault().kill();
        assertFilesClean("after kill -9 of the vault");
    }

    private void assertFilesClean(String when) throws IOException {
        List<Path> places = new ArrayList<>(List.of(world.rest()));
        for (Daemon process : List.of(world.vault(), world.node())) {
            if (process.alive()) {
                places.addAll(FileHunt.deletedButOpen(process.pid()));
            }
        }
        HuntReport report = new FileHunt(windows).hunt(places, Set.of());
        System.out.printf(
                "hunt: files %s: %d hits in %d MB (%d ms)%n",
                when, report.hits(), report.scannedBytes() / 1_000_000, report.took().toMillis());
        assertThat(report.hitPlaces()).isEmpty();
        assertThat(report.unreadableBytes()).isZero();
    }

    private HuntReport memory(Needles needles, Daemon process)
            throws IOException, InterruptedException {
        // One thread: what is looked at is to go on working.
        return new MemoryHunt(needles, 1).hunt(process.pid(), MemoryHunt.Pause.RUNNING);
    }

    /** Locked and left out of dumps, by the flags at the end of a mapping's name. */
    private static boolean isProtected(String mapping) {
        String flags = mapping.substring(mapping.lastIndexOf('[') + 1).replace("]", "");
        return List.of(flags.split(" ")).containsAll(List.of("lo", "dd"));
    }

    private static void requireRoot() {
        assumeTrue(
                System.getProperty("user.name").equals("root"),
                "only root can read the memory of a process that made itself undumpable");
    }
}
