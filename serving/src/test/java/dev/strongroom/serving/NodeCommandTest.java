package dev.strongroom.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.guest.Guest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeCommandTest {
    @TempDir private Path folder;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private String config = "";

    @BeforeEach
    void configure() throws Exception {
        config =
                Files.writeString(
                                folder.resolve("node.yaml"),
                                """
                                vault: 127.0.0.1:1
                                identity: {ca: /id/ca.pem, cert: /id/cert.pem, key: /id/key.pem}
                                pin: %s
                                model: acme/net
                                dataDir: %s
                                """
                                        .formatted("ab".repeat(32), folder))
                        .toString();
    }

    @Test
    void withoutATrustedExecutionEnvironmentItSaysSoAndExitsWith4() {
        assertThat(run(Optional.empty(), "--config", config)).isEqualTo(4);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("no trusted execution environment")
                .contains("./strongroom-sim");
        assertThat(out.size()).isZero();
    }

    @Test
    void aVersionIsNotSealedAnewWhereSeveralTenantsAreListedWhichItSaysAtOnce() throws Exception {
        Path shared =
                Files.writeString(
                        folder.resolve("shared.yaml"),
                        """
                        vault: 127.0.0.1:1
                        pin: %1$s
                        dataDir: %2$s
                        tenants:
                          - {tenant: acme, owner: %1$s, identity: {ca: /a, cert: /b, key: /c}}
                          - {tenant: globex, owner: %3$s, identity: {ca: /a, cert: /b, key: /c}}
                        models:
                          - {model: acme/net}
                        """
                                .formatted("ab".repeat(32), folder, "cd".repeat(32)));
        assertThat(run(Optional.empty(), "reseal", "--config", shared.toString())).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("tenants: ", "launched for its owner alone", "host data");
        assertThat(folder.resolve("lock")).as("the data folder").doesNotExist();
        assertThat(run(Optional.empty(), "reseal", "--config", config))
                .as("of one tenant it is for want of a TEE")
                .isEqualTo(4);
    }

    @Test
    void aProcessThatIsNotFitSaysWhyAndExitsWith4() throws Exception {
        Path said = folder.resolve("said.txt");
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                UnfitNodeProcess.class.getName(),
                                "run",
                                "--config",
                                config)
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
        assertThat(process.waitFor()).isEqualTo(4);
        assertThat(Files.readString(said))
                .contains("SIMULATED TEE")
                .contains("not fit to hold plaintext")
                .contains("-XX:+DisableAttachMechanism");
    }

    @Test
    void aCommandLineThatItDoesNotKnowExitsWith1() {
        assertThat(run(Optional.empty())).isEqualTo(1);
        assertThat(run(Optional.empty(), "--config")).isEqualTo(1);
        assertThat(run(Optional.empty(), "--file", config)).isEqualTo(1);
        assertThat(run(Optional.empty(), "--config", folder + "/none.yaml")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("./strongroom node --help")
                .contains("no such file");
    }

    @Test
    void helpGoesToStandardOutputAndIsNoFault() {
        assertThat(run(Optional.empty(), "--help")).isZero();
        assertThat(run(Optional.empty(), "tune", "--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("node posture --config FILE", "exit codes:", "--callers N,N");
        assertThat(err.size()).isZero();
    }

    private int run(Optional<Guest> guest, String... arguments) {
        return new NodeCommand(
                        guest,
                        TrustAnchors.vendors(),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
                .run(arguments);
    }
}
