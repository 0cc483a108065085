package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.Tensor;
import dev.strongroom.crypto.format.ModelName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A model of 4 GiB passes through processes that have a heap of 256 MiB, and one that no ONNX file
 * could hold is prepared, opened and asked.
 */
@Tag("nightly")
class LargePushTest {
    private static final long BYTES = 4L << 30;
    private static final long LIMIT_KIB = 512 * 1024;
    private static final long SERVED_BYTES = 9L << 28; // 2.25 GiB
    private static final long SEED = 1;
    private static final float TOLERANCE = 1e-4f;

    @Test
    void pushesFourGibibytesInConstantMemory() throws Exception {
        try (var world = Deployment.withoutModel(Launch.optimised())) {
            ModelName name = world.acme().model("large");
            world.permit(name);
            // On disk: the owner's folder is in memory, and the spool would be counted there.
            Path owner = copy(world.acme().owner(), world.rest().resolve("owner-on-disk"));
            Path model = ExternalModel.write(world.rest().resolve("model"), 1, BYTES);

            long began = System.nanoTime();
            long client = pushed(world, owner, name, model, "--no-prepare");
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

    @Test
    void servesWhatNoOneFileCouldHold() throws Exception {
        assertThat(SERVED_BYTES).isGreaterThan(Integer.MAX_VALUE);
        try (var world = Deployment.withoutModel(Launch.optimised())) {
            ModelName name = world.acme().model("large");
            world.permit(name);
            Path owner = copy(world.acme().owner(), world.rest().resolve("owner-on-disk"));
            Path model = ExternalModel.write(world.rest().resolve("model"), SEED, SERVED_BYTES);

            long began = System.nanoTime();
            pushed(world, owner, name, model);
            long pushed = System.nanoTime();
            world.configureNodes("profile: single-copy");
            world.serves(name);
            world.startNode(name, Launch.optimised());
            long ready = System.nanoTime();
            assertThat(Files.readString(world.nodeLog())).contains("preparation=ORT_EXTENDED");
            float[] row = TinyModel.row(3);
            try (InferenceClient client = world.attested()) {
                var question = Tensor.ofFloats("x", List.of(1L, (long) TinyModel.SIDE), row);
                assertThat(client.infer(List.of(question)).getFirst().floats())
                        .containsExactly(ExternalModel.expected(row, SEED), within(TOLERANCE));
            }
            System.out.printf(
                    "%d bytes: prepared and pushed in %d s, served after %d s, node at most %d KiB%n",
                    SERVED_BYTES,
                    TimeUnit.NANOSECONDS.toSeconds(pushed - began),
                    TimeUnit.NANOSECONDS.toSeconds(ready - pushed),
                    peakKib(world.node().pid()));
        }
    }

    /** Pushes by the command, in a process of its own; gives that process's peak. */
    private static long pushed(
            Deployment world, Path owner, ModelName name, Path model, String... options)
            throws IOException, InterruptedException {
        List<String> words =
                new ArrayList<>(
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
                                world.vault().field("grpc")));
        words.addAll(List.of(options));
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
