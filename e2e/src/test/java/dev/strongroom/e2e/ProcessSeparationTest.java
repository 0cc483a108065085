package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.sim.demo.Daemon;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What the two processes have loaded, after a push, a release and an inference: libraries by the
 * kernel's word, classes by the virtual machine's.
 */
class ProcessSeparationTest {
    private static final Pattern CLASS = Pattern.compile("\\] (\\S+) source: ");

    @Test
    void theVaultLoadsNothingThatOpensOrRunsAModelAndTheNodeNothingOfCustody() throws Exception {
        try (Deployment world = Deployment.withoutVault()) {
            Path vaultClasses = world.rest().resolve("vault-classes.log");
            Path nodeClasses = world.rest().resolve("node-classes.log");
            world.initialiseVault();
            world.startVault(logging(vaultClasses));
            world.newTenant("acme");
            var model = world.acme().model("tiny");
            world.serves(model);
            world.permit(model);
            world.push(model, TinyModel.write(world.owner().resolve("tiny.onnx"), Deployment.SEED));
            world.startNode(model, logging(nodeClasses));
            try (var client = world.attested()) {
                assertThat(client.signature().inputs()).hasSize(1);
            }
            judgeVault(libraries(world.vault()), classes(vaultClasses));
            judgeNode(libraries(world.node()), classes(nodeClasses));
        }
    }

    private static void judgeVault(List<String> libraries, List<String> classes) {
        System.out.printf(
                "separation: vault has %d libraries and %d classes%n",
                libraries.size(), classes.size());
        assertThat(libraries).anyMatch(library -> library.contains("softhsm"));
        assertThat(of(libraries, "onnxruntime", "conscrypt")).isEmpty();
        assertThat(of(classes, "dev.strongroom.crypto.custody.")).isNotEmpty();
        assertThat(
                        of(
                                classes,
                                "ai.onnxruntime.",
                                "org.conscrypt.",
                                "dev.strongroom.crypto.open.",
                                "dev.strongroom.crypto.seal.",
                                "dev.strongroom.enclave.",
                                "dev.strongroom.serving."))
                .isEmpty();
    }

    private static void judgeNode(List<String> libraries, List<String> classes) {
        System.out.printf(
                "separation: node has %d libraries and %d classes%n",
                libraries.size(), classes.size());
        assertThat(libraries).anyMatch(library -> library.contains("onnxruntime"));
        assertThat(of(libraries, "softhsm", "pkcs11")).isEmpty();
        assertThat(of(classes, "dev.strongroom.enclave.")).isNotEmpty();
        assertThat(
                        of(
                                classes,
                                "dev.strongroom.crypto.custody.",
                                "dev.strongroom.crypto.seal.",
                                "dev.strongroom.vault."))
                .isEmpty();
        // The JDK looks through the names of all its providers; one with a module loads this class.
        assertThat(classes).doesNotContain("sun.security.pkcs11.wrapper.PKCS11");
    }

    /** Those that contain any of these. */
    private static List<String> of(List<String> names, String... parts) {
        return names.stream()
                .filter(name -> List.of(parts).stream().anyMatch(name::contains))
                .toList();
    }

    private static Launch logging(Path file) {
        return Launch.plain().withJvmOptions("-Xlog:class+load:file=" + file);
    }

    /** Mapped files; those that were deleted after loading keep their names. */
    private static List<String> libraries(Daemon process) throws IOException {
        Path maps = Path.of("/proc/" + process.pid() + "/maps");
        return Files.readAllLines(maps, StandardCharsets.ISO_8859_1).stream()
                .map(line -> line.split(" +", 6))
                .filter(fields -> fields.length == 6 && fields[5].contains(".so"))
                .map(fields -> fields[5].toLowerCase(Locale.ROOT))
                .distinct()
                .toList();
    }

    private static List<String> classes(Path log) throws IOException {
        return Files.readAllLines(log).stream()
                .map(CLASS::matcher)
                .filter(Matcher::find)
                .map(line -> line.group(1))
                .toList();
    }
}
