package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.client.PushRequest.Preparing;
import dev.strongroom.client.VaultConnection;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.sim.demo.Daemon;
import dev.strongroom.testkit.hunt.FileHunt;
import dev.strongroom.testkit.hunt.Finding;
import dev.strongroom.testkit.hunt.HuntReport;
import dev.strongroom.testkit.hunt.KeyNeedles;
import dev.strongroom.testkit.hunt.MemoryHunt;
import dev.strongroom.testkit.hunt.Needles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Looks for the keys of versions, in every shape they can have, in the heap and memory of vault and
 * node and in every file. The test decides the keys; the client's real code pushes with them.
 */
@Tag("nightly")
@Tag("keys")
class SecretsHuntTest {
    private static final int PUSHES_AND_RELEASES = 200;
    private static final int ROTATED = 20; // versions
    private static final int ROTATIONS = 30;
    private static final int SCANS = 4; // more would only slow the work down
    private static final int WINDOW = 48;

    private static final Pattern TRANSIENT =
            Pattern.compile("push \\d+ T (raw|(first|second) half)");

    private final SecureRandom random = new SecureRandom();

    @Test
    void theVaultNeverHoldsAKeyOrAWeight() throws Exception {
        requireRoot();
        try (Deployment world = Deployment.withoutModel(Launch.optimised())) {
            ModelName model = world.acme().model("tiny");
            world.permit(model);
            List<KnownSecrets> secrets = secrets();
            Needles known = needles(secrets);
            var halfDone = new CountDownLatch(PUSHES_AND_RELEASES / 2);
            Path duringDump;
            List<HuntReport> during = new ArrayList<>();
            try (var executor = Executors.newSingleThreadExecutor()) {
                Future<?> work =
                        executor.submit(() -> {
                            pushAndRelease(world, model, secrets, halfDone);
                            return null;
                        });
                halfDone.await();
                duringDump =
                        Jcmd.dumpAll(world.vault().pid(), world.rest().resolve("during.hprof"));
                for (int i = 0; i < SCANS && !work.isDone(); i++) {
                    during.add(memory(known, world.vault()));
                }
                work.get();
            }
            Needles all = withWeights(secrets);
            judgeDump("in the middle of 200 pushes and releases", all, duringDump);
            judgeTransients(during, known, world.vault());
            judgeQuiet(all, world.vault());
            Path after = Jcmd.dumpLive(world.vault().pid(), world.rest().resolve("after.hprof"));
            judgeDump("after a collection", all, after);
            Path garbage = Jcmd.dumpAll(world.vault().pid(), world.rest().resolve("all.hprof"));
            judgeDump("with what the collector left", all, garbage);
            judgeFiles(all, world);
        }
    }

    @Test
    void theVaultHoldsNoKeyInItsHeapWhileItRotatesAndReleases() throws Exception {
        requireRoot();
        try (Deployment world = Deployment.withoutModel(Launch.optimised())) {
            ModelName model = world.acme().model("tiny");
            world.permit(model);
            List<KnownSecrets> secrets = secrets().subList(0, ROTATED);
            Needles known = needles(secrets);
            pushAndRelease(world, model, secrets, new CountDownLatch(ROTATED));
            var rotated = new CountDownLatch(ROTATIONS / 2);
            Path duringDump;
            List<HuntReport> during = new ArrayList<>();
            try (var executor = Executors.newFixedThreadPool(2)) {
                Future<?> rotating =
                        executor.submit(() -> {
                            for (int i = 0; i < ROTATIONS; i++) {
                                rotate(world);
                                rotated.countDown();
                            }
                            return null;
                        });
                Future<?> releasing =
                        executor.submit(() -> {
                            var probe = new ReleaseProbe(world, world.acme());
                            for (int i = 0; !rotating.isDone(); i++) {
                                probe.open(model, 1 + i % ROTATED);
                            }
                            return null;
                        });
                rotated.await();
                duringDump =
                        Jcmd.dumpAll(world.vault().pid(), world.rest().resolve("rotating.hprof"));
                for (int i = 0; i < SCANS && !rotating.isDone(); i++) {
                    during.add(memory(known, world.vault()));
                }
                rotating.get();
                releasing.get();
            }
            judgeDump("in the middle of rotations and releases", known, duringDump);
            judgeTransients(during, known, world.vault());
            judgeQuiet(known, world.vault());
        }
    }

    private static void rotate(Deployment world) throws Exception {
        var _ =
                world.command(
                                world.acme().owner(),
                                "keys",
                                "rotate",
                                "--tenant",
                                "acme",
                                "-o",
                                "json")
                        .succeeded();
    }

    private void pushAndRelease(
            Deployment world, ModelName model, List<KnownSecrets> secrets, CountDownLatch progress)
            throws Exception {
        Path file = TinyModel.write(world.owner().resolve("tiny.onnx"), Deployment.SEED);
        var probe = new ReleaseProbe(world, world.acme());
        try (VaultConnection owner = world.connect(world.acme().owner())) {
            for (KnownSecrets each : secrets) {
                long number = each.push(world, owner, model, file, Preparing.NEVER).number();
                probe.open(model, number);
                progress.countDown();
            }
        }
    }

    private void judgeDump(String when, Needles needles, Path dump) throws IOException {
        HuntReport report = new FileHunt(needles).hunt(List.of(dump), Set.of());
        System.out.printf(
                "hunt: heap dump of the vault %s, %d MB: %d hits of %d needles%n",
                when, Files.size(dump) / 1_000_000, report.hits(), report.needles());
        Files.delete(dump);
        assertThat(report.hitPlaces()).as(when).isEmpty();
    }

    /**
     * While the token works it holds T in its own memory, which is in the vault's process: T and
     * its halves as they are, and nothing else. It never has the content key or what comes of it,
     * and has no use for T's text or key schedule.
     */
    private static void judgeTransients(List<HuntReport> reports, Needles needles, Daemon vault)
            throws IOException, InterruptedException {
        Jcmd.Heap heap = Jcmd.heap(vault.pid());
        int hits = reports.stream().mapToInt(HuntReport::hits).sum();
        System.out.printf(
                "hunt: vault at work: %d transient hits in %d scans, all outside the Java heap%n",
                hits, reports.size());
        assertThat(reports).isNotEmpty();
        for (HuntReport report : reports) {
            assertThat(report.hitPlaces())
                    .extracting(SecretsHuntTest::start)
                    .as("hits in the Java heap")
                    .noneMatch(heap::contains);
            assertThat(report.found())
                    .extracting(needles::name)
                    .as("what the token's own memory may hold for a moment")
                    .allMatch(TRANSIENT.asMatchPredicate());
        }
    }

    private static long start(Finding finding) {
        String place = finding.place();
        return Long.parseUnsignedLong(place.substring(0, place.indexOf('-')), 16);
    }

    private static void judgeQuiet(Needles needles, Daemon vault) throws Exception {
        HuntReport report = memory(needles, vault);
        System.out.printf(
                "hunt: vault at rest: %d hits of %d needles in %d MB (%d ms)%n",
                report.hits(),
                report.needles(),
                report.scannedBytes() / 1_000_000,
                report.took().toMillis());
        assertThat(report.hitPlaces()).isEmpty();
    }

    private static void judgeFiles(Needles needles, Deployment world) throws IOException {
        List<Path> places = new ArrayList<>(List.of(world.rest()));
        places.addAll(FileHunt.deletedButOpen(world.vault().pid()));
        HuntReport report = new FileHunt(needles).hunt(places, Set.of());
        System.out.printf(
                "hunt: token, catalogue, objects and logs: %d hits in %d MB%n",
                report.hits(), report.scannedBytes() / 1_000_000);
        assertThat(report.hitPlaces()).isEmpty();
    }

    @Test
    void theNodeHoldsNoKeyOnceItsModelIsOpen() throws Exception {
        requireRoot();
        try (Deployment world = Deployment.withoutModel(Launch.optimised())) {
            ModelName model = world.acme().model("tiny");
            world.permit(model);
            Path file = TinyModel.write(world.owner().resolve("tiny.onnx"), Deployment.SEED);
            var secrets = new KnownSecrets("version", random);
            try (VaultConnection owner = world.connect(world.acme().owner())) {
                secrets.push(world, owner, model, file, Preparing.WHERE_THERE_IS_ROOM);
            }
            world.startNode(model, Launch.optimised());
            HuntReport report = memory(needles(List.of(secrets)), world.node());
            System.out.printf(
                    "hunt: node with its model open: %d hits of %d needles of T, IKM, file and"
                            + " digest keys%n",
                    report.hits(), report.needles());
            report.hitPlaces().forEach(hit -> System.out.println("hunt: " + hit));
            assertThat(report.hitPlaces()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "hex", "base64", "cipher"})
    void catchesAProcessThatLeaks(String shape) throws Exception {
        byte[] key = random.generateSeed(32);
        var builder = Needles.builder(random);
        KeyNeedles.add(builder, "leaked", key);
        Needles needles = builder.build();
        Path dump = Files.createTempDirectory("strongroom-leak").resolve("leaky.hprof");
        try (var helper = LeakyHelper.start(shape, key)) {
            HuntReport memory =
                    new MemoryHunt(needles, 1).hunt(helper.pid(), MemoryHunt.Pause.RUNNING);
            Jcmd.dumpLive(helper.pid(), dump);
            HuntReport file = new FileHunt(needles).hunt(List.of(dump), Set.of());
            assertThat(memory.hits()).isPositive();
            assertThat(file.hits()).isPositive();
        } finally {
            Files.deleteIfExists(dump);
            Files.delete(dump.getParent());
        }
    }

    private List<KnownSecrets> secrets() {
        List<KnownSecrets> secrets = new ArrayList<>();
        for (int i = 0; i < PUSHES_AND_RELEASES; i++) {
            secrets.add(new KnownSecrets("push " + i, random));
        }
        return secrets;
    }

    private Needles needles(List<KnownSecrets> secrets) {
        var builder = Needles.builder(random);
        secrets.forEach(each -> each.addTo(builder));
        return builder.build();
    }

    private Needles withWeights(List<KnownSecrets> secrets) {
        var builder = Needles.builder(random);
        secrets.forEach(each -> each.addTo(builder));
        float[] weights = TinyModel.weights(Deployment.SEED);
        ByteBuffer bytes =
                ByteBuffer.allocate(weights.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(weights);
        for (int at = 0; at + WINDOW <= bytes.capacity(); at += WINDOW) {
            byte[] window = new byte[WINDOW];
            bytes.get(at, window);
            builder.add("weights+" + at, window);
        }
        return builder.build();
    }

    private static HuntReport memory(Needles needles, Daemon process)
            throws IOException, InterruptedException {
        // One thread: what is looked at is to go on working.
        return new MemoryHunt(needles, 1).hunt(process.pid(), MemoryHunt.Pause.RUNNING);
    }

    private static void requireRoot() {
        assumeTrue(
                System.getProperty("user.name").equals("root"),
                "only root can read the memory of other processes");
    }
}
