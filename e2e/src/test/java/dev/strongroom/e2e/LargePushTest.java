package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.client.ModelPublisher;
import dev.strongroom.crypto.format.ModelName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A model of 4 GiB passes through processes that have a heap of 256 MiB. */
@Tag("nightly")
class LargePushTest {
    private static final long BYTES = 4L << 30;
    private static final long LIMIT_KIB = 512 * 1024;

    @Test
    void pushesFourGibibytesInConstantMemory() throws Exception {
        try (var world = Deployment.withoutModel(Launch.optimised())) {
            ModelName name = world.acme().model("large");
            world.permit(name);
            // On disk: the owner's folder is in memory, and the spool would be counted there.
            Path owner = copy(world.acme().owner(), world.rest().resolve("owner-on-disk"));
            Path model = ExternalModel.write(world.rest().resolve("model"), 1, BYTES);
            assertThat(BYTES).isGreaterThan(ModelPublisher.MAX_PREPARED_BYTES);

            long began = System.nanoTime();
            long client = pushed(world, owner, name, model);
            long vault = peakKib(world.vault().pid());
            System.out.printf(
                    "push of %d bytes: %d s, client at most %d KiB, vault at most %d KiB%n",
                    BYTES,
                    TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began),
                    client,
                    vault);
            assertThat(client).isBetween(1L, LIMIT_KIB);
            assertThat(vault).isBetween(1L, LIMIT_KIB);
            assertThat(commandLine(world.vault().pid())).contains("-Xmx256m");
            world.command(owner, "model", "verify", name.toString()).succeeded();
            assertThat(peakKib(world.vault().pid())).isBetween(1L, LIMIT_KIB);
        }
    }

    /** Pushes by the command, in a process of its own; gives that process's peak. */
    private static long pushed(Deployment world, Path owner, ModelName name, Path model)
            throws IOException, InterruptedException {
        List<String> words =
                List.of(
                        "./strongroom-sim",
                        "--world",
                        world.rest().resolve("world").toString(),
                        "model",
                        "push",
                        name.toString(),
                        model.toString(),
                        "--context",
                        owner.toString(),
                        "--addr",
                        world.vault().field("grpc"));
        Path log = world.rest().resolve("push.log");
        Process push =
                world.distribution()
                        .builder(words, Launch.optimised())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        long peak = 0;
        while (!push.waitFor(100, TimeUnit.MILLISECONDS)) {
            peak = Math.max(peak, peakKib(push.pid()));
        }
        assertThat(push.exitValue()).as(Files.readString(log)).isZero();
        return peak;
    }

    /** The most physical memory that the process has had; 0 once it is gone. */
    private static long peakKib(long pid) throws IOException {
        try (Stream<String> status = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return status.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElse(0);
        } catch (NoSuchFileException gone) {
            return 0;
        }
    }

    private static String commandLine(long pid) throws IOException {
        return Files.readString(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ');
    }

    private static Path copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        for (String file :
                List.of(
                        "ca.pem",
                        "cert.pem",
                        "key.pem",
                        "pin.txt",
                        "owner.txt",
                        "owner.pem",
                        "owner.pub.pem")) {
            Files.copy(from.resolve(file), to.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
        }
        return to;
    }
}
