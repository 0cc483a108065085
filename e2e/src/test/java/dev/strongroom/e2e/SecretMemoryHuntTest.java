package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.Tensor;
import dev.strongroom.sim.demo.PlainRun;
import dev.strongroom.testkit.hunt.Finding;
import dev.strongroom.testkit.hunt.HuntReport;
import java.nio.file.Files;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Root looks for windows of a real model's weights in a node that keeps them in secret memory. */
@Tag("nightly")
class SecretMemoryHuntTest {
    private static final int INFERENCES = 20;

    @Test
    void rootReadsNoWeightOfANodeThatServesFromSecretMemory() throws Exception {
        HuntedModel.requireRoot();
        try (var model = HuntedModel.prepare()) {
            model.push();
            model.world().configureNodes("protect: secretmem\nprofile: fast");
            model.serve();
            ask(model);
            HuntReport report = model.memory(model.windows(), model.world().node());
            System.out.printf(
                    "hunt: node in secret memory: %d of %d windows, %d MB scanned, %d MB unreadable%n",
                    report.distinct(),
                    report.needles(),
                    report.scannedBytes() / 1_000_000,
                    report.unreadableBytes() / 1_000_000);
            assertThat(report.hitPlaces()).extracting(Finding::place).isEmpty();
            assertThat(secret(report))
                    .as("weights and the session's copies, which nobody can read")
                    .isGreaterThan(weightBytes(model));
            HuntReport control = model.memory(model.plantedInHeaps(), model.world().node());
            assertThat(control.hits()).as("a string of the heap").isPositive();
        }
    }

    private static void ask(HuntedModel model) throws Exception {
        try (InferenceClient client = model.world().attested();
                var plain = new PlainRun(model.graph())) {
            var inputs = new Random(1);
            for (int i = 0; i < INFERENCES; i++) {
                List<Tensor> some = plain.randomInputs(inputs, 1 + i % 4, 1 + i % 32);
                client.infer(some);
            }
        }
    }

    /** Bytes that could not be read and are in secret memory. */
    private static long secret(HuntReport report) {
        return report.findings().stream()
                .filter(finding -> finding.place().contains("secretmem"))
                .mapToLong(Finding::unreadableBytes)
                .sum();
    }

    private static long weightBytes(HuntedModel model) throws Exception {
        var folder = Objects.requireNonNull(model.graph().getParent());
        return Files.size(folder.resolve("weights.bin"));
    }
}
