package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./strongroom}, which believes AMD's roots only, beside a simulated world. */
@ExtendWith(SharedDeployment.class)
class ProductionLauncherTest {
    private static final int DENIED = 4;
    private static final int INTEGRITY = 5;
    private static final Path REPORTS = Path.of("/sys/kernel/config/tsm/report");

    @TempDir Path folder;

    @Test
    void aNodeSaysThatThisMachineHasNoTee(Deployment world) throws Exception {
        Assumptions.assumeFalse(Files.isDirectory(REPORTS), "this machine has a TEE");
        Path config = HandmadeNode.of(world, world.model()).writeConfig();
        Outcome outcome = production(world, "node", "--config", config.toString());
        assertThat(outcome.exit()).as(outcome.err()).isEqualTo(DENIED);
        assertThat(outcome.err())
                .contains("no trusted execution environment", "./strongroom-sim")
                .doesNotContain("Exception", "\tat ");
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void inferRefusesASimulatedNode(Deployment world) throws Exception {
        Outcome outcome =
                production(
                        world,
                        "infer",
                        world.model().toString(),
                        "--node",
                        world.node().field("grpc"),
                        "--addr",
                        world.vault().field("grpc"),
                        "--context",
                        withoutMemory(world.acme().consumer()).toString());
        assertThat(outcome.exit()).as(outcome.err()).isEqualTo(INTEGRITY);
        assertThat(outcome.err()).contains("simulated");
        assertThat(outcome.out()).isEmpty();
    }

    /** An identity as it was issued: nothing it did since can be the reason of a refusal. */
    private Path withoutMemory(Path context) throws IOException {
        Path copy = Files.createDirectory(folder.resolve("context"));
        for (String file : List.of("ca.pem", "cert.pem", "key.pem", "pin.txt", "owner.txt")) {
            copy(context, copy, file);
        }
        return copy;
    }

    private static void copy(Path from, Path to, String file) throws IOException {
        Files.copy(from.resolve(file), to.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
    }

    @Test
    void pushRefusesASimulatedVault(Deployment world) throws Exception {
        Path owner = withoutMemory(world.acme().owner());
        for (String file : List.of("owner.pem", "owner.pub.pem")) {
            copy(world.acme().owner(), owner, file);
        }
        Path model = TinyModel.write(folder.resolve("tiny.onnx"), 5);
        Outcome outcome =
                production(
                        world,
                        "model",
                        "push",
                        world.model().toString(),
                        model.toString(),
                        "--addr",
                        world.vault().field("grpc"),
                        "--context",
                        owner.toString());
        assertThat(outcome.exit()).as(outcome.err()).isEqualTo(INTEGRITY);
        assertThat(outcome.err()).contains("simulated");
    }

    @Test
    void aVaultRefusesADataFolderBornInTheSimulatedWorld() throws Exception {
        try (var world = Deployment.withoutVault()) {
            world.initialiseVault();
            String config = world.vaultConfig().toString();
            Outcome outcome = production(world, "vault", "run", "--config", config);
            assertThat(outcome.exit()).as(outcome.err()).isEqualTo(INTEGRITY);
            assertThat(outcome.err()).contains("simulated").doesNotContain("\tat ");
            assertThat(outcome.out()).isEmpty();
        }
    }

    @Test
    void aSimulatedVaultRefusesADataFolderBornInProduction() throws Exception {
        try (var world = Deployment.withoutVault()) {
            String config = world.vaultConfig().toString();
            Path operator = folder.resolve("operator");
            production(world, "vault", "init", "--config", config, "--operator-out", "" + operator)
                    .succeeded();
            Outcome outcome = world.sim("vault", "run", "--config", config);
            assertThat(outcome.exit()).as(outcome.err()).isEqualTo(INTEGRITY);
            assertThat(outcome.out()).isEmpty();
        }
    }

    private static Outcome production(Deployment world, String... words)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("./strongroom"));
        all.addAll(List.of(words));
        return world.distribution().run(all);
    }
}
