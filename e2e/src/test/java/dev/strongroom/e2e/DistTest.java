package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in the library folder of each process, read from the built distribution. */
class DistTest {
    private static final Path DIST = Path.of(System.getProperty("strongroom.dist"));

    @ParameterizedTest
    @ValueSource(strings = {"vault", "node", "witness", "agent", "cli"})
    void productionFoldersHoldNothingOfTheSimulatedWorld(String process) throws IOException {
        assertThat(modules(process))
                .contains("dev.strongroom.attestation", "dev.strongroom.crypto")
                .doesNotContain("dev.strongroom.testkit", "dev.strongroom.sim");
    }

    @Test
    void theVaultHasNothingThatCouldRunOrOpenAModel() throws IOException {
        assertThat(modules("vault"))
                .contains("dev.strongroom.vault")
                .doesNotContain(
                        "dev.strongroom.enclave",
                        "dev.strongroom.serving",
                        "dev.strongroom.client",
                        "com.microsoft.onnxruntime");
    }

    @Test
    void theNodeHasNothingOfTheVaultOrTheOwner() throws IOException {
        assertThat(modules("node"))
                .contains("dev.strongroom.serving", "dev.strongroom.enclave")
                .doesNotContain("dev.strongroom.vault", "dev.strongroom.client");
    }

    @Test
    void theWitnessHasNothingOfVaultNodeOrClient() throws IOException {
        assertThat(modules("witness"))
                .contains("dev.strongroom.witness")
                .doesNotContain(
                        "dev.strongroom.vault",
                        "dev.strongroom.enclave",
                        "dev.strongroom.serving",
                        "dev.strongroom.client");
    }

    @Test
    void theAgentHasNothingOfVaultNodeOrClient() throws IOException {
        assertThat(modules("agent"))
                .contains("dev.strongroom.agent")
                .doesNotContain(
                        "dev.strongroom.vault",
                        "dev.strongroom.enclave",
                        "dev.strongroom.serving",
                        "dev.strongroom.client",
                        "com.microsoft.onnxruntime");
    }

    private static Set<String> modules(String process) throws IOException {
        Path libraries = DIST.resolve(process).resolve("lib");
        return ModuleFinder.of(libraries).findAll().stream()
                .map(ModuleReference::descriptor)
                .map(descriptor -> descriptor.name())
                .collect(Collectors.toSet());
    }
}
