package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.client.ModelPublisher;
import dev.strongroom.client.Progress;
import dev.strongroom.client.PushRequest;
import dev.strongroom.crypto.format.ModelName;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The vault's data folder on a small file system of its own that fills up: a push is refused with
 * what to do, nothing half-written is visible, and the same push completes once there is room.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("nightly")
class FullDiskTest {
    private static final String SIZE = "24m";
    private static final int MODEL_BYTES = 4 << 20;
    private static final int BLOCK = 4096;

    private Deployment world;
    private boolean mounted;
    private Ledger ledger;
    private ModelName model;

    @BeforeAll
    void makeWorld() throws Exception {
        world = Deployment.withoutVault();
        Files.createDirectory(world.vaultData());
        mounted =
                run("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs", "" + world.vaultData());
        assumeTrue(mounted, "mounting a file system takes rights that this user does not have");
        world.initialiseVault();
        world.startVault(Launch.plain());
        world.newTenant("acme");
        world.identity("auditor", "eve", world.auditor());
        model = world.acme().model("tiny");
        world.permit(model);
        ledger = new Ledger(world, world.acme());
        ledger.remember(push(source(1, 0)));
    }

    @AfterAll
    void removeWorld() throws Exception {
        if (mounted) {
            world.vault().kill();
            run("umount", "-l", world.vaultData().toString());
        }
        world.close();
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    }

    private Path source(int seed, int padding) throws IOException {
        Path file = world.owner().resolve("source-" + seed + ".onnx");
        return TinyModel.writePadded(file, seed, padding);
    }

    private Outcome push(Path source) {
        String name = model.toString();
        return world.command(
                world.acme().owner(),
                "model",
                "push",
                name,
                "" + source,
                "--no-prepare",
                "-o",
                "json");
    }

    private Path filler() {
        return world.vaultData().resolve("filler");
    }

    /** Takes all room but for some bytes. */
    private void fill(long leave) throws IOException {
        byte[] block = new byte[BLOCK];
        try (OutputStream out = Files.newOutputStream(filler())) {
            while (Files.getFileStore(world.vaultData()).getUsableSpace() > leave) {
                out.write(block);
            }
        } catch (IOException e) {
            // not one block more
        }
    }

    private void free() throws IOException {
        Files.delete(filler());
    }

    private static void saysWhatToDo(Outcome refused) {
        assertThat(refused.exit()).isEqualTo(7);
        assertThat(refused.err()).contains("nothing was changed", "free space", "same command");
    }

    private void everythingOpens() throws Exception {
        new ReleaseProbe(world, world.acme()).openAll(ledger.compare(0));
    }

    @Test
    void refusesBeforeTheFirstByteWhatTheDiskHasNoRoomFor() throws Exception {
        Path source = source(2, MODEL_BYTES);
        fill(MODEL_BYTES / 2);
        saysWhatToDo(push(source));
        ledger.compare(0);
        free();
        ledger.remember(push(source));
        everythingOpens();
    }

    @Test
    void refusesWhenTheDiskFillsUpDuringTheUpload() throws Exception {
        Path source = source(3, MODEL_BYTES);
        var failure =
                catchThrowableOfType(
                        StatusRuntimeException.class, () -> pushWhileSomebodyFills(source));
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(failure.getStatus().getDescription())
                .contains("disk is full", "free space", "same command");
        saysWhatToDo(push(source)); // still full
        assertThat(world.vault().alive()).isTrue();
        free();
        ledger.compare(0);
        ledger.remember(push(source));
        everythingOpens();
    }

    private void pushWhileSomebodyFills(Path source) throws Exception {
        try (var connection = world.connect(world.acme().owner())) {
            new ModelPublisher(
                            connection,
                            world.pin(),
                            world.anchors(),
                            InstantSource.system(),
                            new SecureRandom(),
                            new Filling())
                    .push(
                            new PushRequest(
                                    model,
                                    source,
                                    PushRequest.Preparing.NEVER,
                                    TrustLevel.SOFTWARE,
                                    "",
                                    ""));
        }
    }

    /** Fills the disk once the upload is under way. */
    private final class Filling implements Progress {
        private final AtomicBoolean uploading = new AtomicBoolean();

        @Override
        public void step(String what, long totalBytes) {
            uploading.set(what.equals("uploading"));
        }

        @Override
        public void advanced(long doneBytes) {
            if (doneBytes > MODEL_BYTES / 4 && uploading.getAndSet(false)) {
                try {
                    fill(0);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        @Override
        public void warning(String what) {}
    }

    /** Without room for a log record nothing is released: the record comes before the effect. */
    @Test
    void releasesNothingThatItCannotWriteDown() throws Exception {
        var probe = new ReleaseProbe(world, world.acme());
        fill(0);
        var failure =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> {
                            for (int i = 0; i < 2000; i++) { // SQLite has some room in its files
                                probe.open(model, 1);
                            }
                        });
        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        free();
        everythingOpens();
        world.vault().kill();
        world.startVault(Launch.plain());
        everythingOpens();
    }
}
