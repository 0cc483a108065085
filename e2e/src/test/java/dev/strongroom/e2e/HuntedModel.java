package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.client.Progress;
import dev.strongroom.client.PushRequest.Preparing;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.sim.demo.Daemon;
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
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * all-MiniLM-L6-v2, prepared once, and a world of its own to push and serve it in: every version
 * has the same plain weights, so that windows chosen from them are those of every version. Closing
 * wipes and deletes everything.
 */
final class HuntedModel implements AutoCloseable {
    private static final int WINDOWS = 30_000; // one in about 3 kB of weights

    private final SecureRandom random = new SecureRandom();
    private final String inEveryHeap = HexFormat.of().formatHex(random.generateSeed(24));
    private final byte[] behindTheWeights = random.generateSeed(48);
    private final Deployment world;
    private final ModelName name;
    private final PreparedModel prepared;
    private final Needles windows;

    private HuntedModel() throws Exception {
        world = Deployment.withoutModel(marked());
        name = world.acme().model("minilm");
        world.permit(name);
        world.serves(name);
        Path minilm =
                Path.of(System.getProperty("strongroom.models")).resolve("all-minilm-l6-v2.onnx");
        Path beside = Files.createDirectory(world.owner().resolve("reference"));
        prepared = PreparedModel.of(minilm, beside, Progress.SILENT);
        windows = prepared.windows(WINDOWS, random);
        Files.write(prepared.files().getLast(), behindTheWeights, StandardOpenOption.APPEND);
        System.out.printf(
                "hunt: %d windows of 48 bytes in %d files%n",
                windows.count(), prepared.files().size());
    }

    /** Prepares it, and starts a vault. */
    static HuntedModel prepare() throws Exception {
        return new HuntedModel();
    }

    /** With a string in the heap, and little address space, which a core writes out in full. */
    private Launch marked() {
        return Launch.optimised()
                .withJvmOptions(
                        "-Dplanted=" + inEveryHeap,
                        "-Xmx640m",
                        "-XX:ReservedCodeCacheSize=64m",
                        "-XX:CompressedClassSpaceSize=64m");
    }

    Deployment world() {
        return world;
    }

    /** The graph of the prepared model, with its weights beside it. */
    Path graph() {
        return prepared.graph();
    }

    /** Of the initialisers outside the graph. */
    Needles windows() {
        return windows;
    }

    /** What the Java heap of vault and node holds, on purpose. */
    Needles plantedInHeaps() {
        return Needles.builder(random)
                .add("in every heap", inEveryHeap.getBytes(StandardCharsets.US_ASCII))
                .build();
    }

    /** What follows the last weight in the sealed file, and no tensor has. */
    Needles plantedBehindTheWeights() {
        return Needles.builder(random).add("behind the weights", behindTheWeights).build();
    }

    /** Leaves the string of every heap in a file. */
    Path plantInAFile() throws IOException {
        return Files.writeString(world.rest().resolve("planted.txt"), "x" + inEveryHeap);
    }

    /** Pushes one more version under keys of its own. */
    long push() throws Exception {
        Path folder = Objects.requireNonNull(prepared.graph().getParent());
        return world.push(name, folder, Preparing.NEVER).number();
    }

    /** What a node does until it has the key and the sealed bytes, with new keys of its own. */
    void release(long version) throws Exception {
        new ReleaseProbe(world, world.acme()).openAndFetch(name, version);
    }

    /** A node of the newest version. */
    void serve() throws Exception {
        world.startNode(name, marked());
    }

    HuntReport memory(Needles needles, Daemon process) throws IOException, InterruptedException {
        // One thread: what is looked at is to go on working.
        return new MemoryHunt(needles, 1).hunt(process.pid(), MemoryHunt.Pause.RUNNING);
    }

    /** Looks for windows in the vault again and again while {@code work} is done, and after it. */
    List<HuntReport> inTheVaultDuring(Callable<Void> work) throws Exception {
        List<HuntReport> reports = new ArrayList<>();
        try (var executor = Executors.newSingleThreadExecutor()) {
            Future<Void> done = executor.submit(work);
            while (!done.isDone()) {
                reports.add(memory(windows, world.vault()));
            }
            done.get();
        }
        reports.add(memory(windows, world.vault()));
        reports.forEach(HuntedModel::requireNothingLeftOut);
        return reports;
    }

    /**
     * All was read but the holes between the parts of a library, which nobody can read or write.
     */
    private static void requireNothingLeftOut(HuntReport report) {
        assertThat(report.findings())
                .filteredOn(finding -> finding.unreadableBytes() > 0)
                .extracting(Finding::place)
                .allMatch(place -> place.contains(" ---p "));
    }

    /** No file beside the owner's folder has a window in it, deleted ones included. */
    void requireCleanFiles(String when) throws IOException {
        List<Path> places = new ArrayList<>(List.of(world.rest()));
        for (Daemon process : world.daemons()) {
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

    static void requireRoot() {
        assumeTrue(
                System.getProperty("user.name").equals("root"),
                "only root can read the memory of a process that made itself undumpable");
    }

    @Override
    public void close() throws IOException {
        try (var deployment = world;
                var plain = prepared) {
            assertThat(plain).isNotNull();
            assertThat(deployment).isNotNull();
        }
    }
}
