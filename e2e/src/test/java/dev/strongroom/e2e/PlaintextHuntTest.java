package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.Tensor;
import dev.strongroom.sim.demo.Daemon;
import dev.strongroom.sim.demo.PlainRun;
import dev.strongroom.testkit.hunt.FileHunt;
import dev.strongroom.testkit.hunt.Finding;
import dev.strongroom.testkit.hunt.HuntReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
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
    private static final int PUSHES_AND_RELEASES = 1; // ManyPushesHuntTest has 200
    private static final int INFERENCES = 30;
    private static final long GCORE_SECONDS = 60;

    private HuntedModel model;
    private Deployment world;

    @BeforeAll
    void prepare() throws Exception {
        model = HuntedModel.prepare();
        world = model.world();
    }

    @AfterAll
    void close() throws IOException {
        if (model != null) {
            model.close();
        }
    }

    @Test
    @Order(1)
    void theVaultHoldsNoneWhileItTakesAndReleasesModels() throws Exception {
        HuntedModel.requireRoot();
        List<HuntReport> reports =
                model.inTheVaultDuring(() -> {
                    for (int i = 0; i < PUSHES_AND_RELEASES; i++) {
                        model.release(model.push());
                    }
                    model.serve();
                    return null;
                });
        System.out.printf(
                "hunt: vault, %d pushes and %d releases: %d hits in %d scans of %d MB together%n",
                PUSHES_AND_RELEASES,
                PUSHES_AND_RELEASES + 1,
                reports.stream().mapToInt(HuntReport::hits).sum(),
                reports.size(),
                reports.stream().mapToLong(HuntReport::scannedBytes).sum() / 1_000_000);
        assertThat(reports).allSatisfy(report -> assertThat(report.hitPlaces()).isEmpty());
    }

    @Test
    @Order(2)
    void findsWhatIsPlantedInAFileAndInTheHeapsOfVaultAndNode() throws Exception {
        HuntedModel.requireRoot();
        Path file = model.plantInAFile();
        HuntReport files =
                new FileHunt(model.plantedInHeaps()).hunt(List.of(world.rest()), Set.of());
        assertThat(files.hitPlaces()).extracting(Finding::place).contains(file.toString());
        Files.delete(file);
        for (Daemon process : List.of(world.vault(), world.node())) {
            HuntReport report = model.memory(model.plantedInHeaps(), process);
            assertThat(report.hitPlaces())
                    .as("a string in anonymous memory of %s", report.subject())
                    .extracting(Finding::place)
                    .anyMatch(place -> place.matches("\\S+ rw-p  \\[.*]") && !isProtected(place));
        }
    }

    /** Bytes that belong to no tensor: found because the scanner sees locked memory, and there. */
    @Test
    @Order(3)
    void findsWhatIsPlantedInTheNodesLockedMemoryAndNowhereElse() throws Exception {
        HuntedModel.requireRoot();
        HuntReport node = model.memory(model.plantedBehindTheWeights(), world.node());
        assertThat(node.hits()).isEqualTo(1);
        assertThat(node.hitPlaces())
                .extracting(Finding::place)
                .allMatch(this::isLockedAndAnonymous);
        HuntReport vault = model.memory(model.plantedBehindTheWeights(), world.vault());
        assertThat(vault.hitPlaces()).isEmpty();
    }

    private boolean isLockedAndAnonymous(String mapping) {
        return isProtected(mapping) && mapping.matches("\\S+ \\S+  \\[.*]");
    }

    @Test
    @Order(4)
    void theNodeHoldsEachOnceAndOnlyInLockedUndumpedPages() throws Exception {
        HuntedModel.requireRoot();
        try (InferenceClient client = world.attested();
                var plain = new PlainRun(model.graph())) {
            var inputs = new Random(1);
            for (int i = 0; i < INFERENCES; i++) {
                List<Tensor> some = plain.randomInputs(inputs, 1 + i % 4, 1 + i % 32);
                client.infer(some);
            }
        }
        HuntReport report = model.memory(model.windows(), world.node());
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
    @Order(5)
    void noFileOutsideTheOwnersFolderHoldsAny() throws Exception {
        model.requireCleanFiles("while both run");
    }

    @Test
    @Order(6)
    void aCoreOfTheNodeHoldsNone() throws Exception {
        HuntedModel.requireRoot();
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
        HuntReport report = new FileHunt(model.windows()).hunt(List.of(core), Set.of());
        HuntReport control = new FileHunt(model.plantedInHeaps()).hunt(List.of(core), Set.of());
        System.out.printf(
                "hunt: gcore of the node, %d MB: %d hits; %d of what its heap holds%n",
                Files.size(core) / 1_000_000, report.hits(), control.hits());
        assertThat(control.hits()).as("the core has the heap").isPositive();
        assertThat(report.hitPlaces()).isEmpty();
        Files.delete(core);
    }

    @Test
    @Order(7)
    void noFileHoldsAnyAfterEitherProcessIsKilled() throws Exception {
        world.node().kill();
        model.requireCleanFiles("after kill -9 of the node");
        assertThat(model.memory(model.windows(), world.vault()).hitPlaces()).isEmpty();
        world.vault().kill();
        model.requireCleanFiles("after kill -9 of the vault");
    }

    /** Locked and left out of dumps, by the flags at the end of a mapping's name. */
    private static boolean isProtected(String mapping) {
        String flags = mapping.substring(mapping.lastIndexOf('[') + 1).replace("]", "");
        return List.of(flags.split(" ")).containsAll(List.of("lo", "dd"));
    }
}
