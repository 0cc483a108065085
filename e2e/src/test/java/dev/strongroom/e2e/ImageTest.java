package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.strongroom.client.Tensor;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.testkit.ChipPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The node's image: built twice, measured, and run as its own root. */
@Tag("nightly")
class ImageTest {
    private static final int DENIED = 4;
    private static final int NODE_USER = 65_532;

    @TempDir static Path folder;

    private static Distribution distribution;
    private static Outcome built;

    @BeforeAll
    static void build() throws Exception {
        assumeTrue(isRoot(), "mounts take root");
        distribution = Distribution.built(Files.createDirectory(folder.resolve("scratch")));
        built = image("build", "--out", folder.resolve("one").toString()).succeeded();
    }

    @Test
    void aSecondBuildElsewhereIsByteForByteTheSame() throws Exception {
        Path other = folder.resolve("other/place");
        Outcome again = image("build", "--out", other.toString()).succeeded();
        assertThat(again.json()).isEqualTo(built.json());
        for (String file : List.of("node.tar", "node.erofs", "node.verity")) {
            Path first = folder.resolve("one").resolve(file);
            assertThat(Files.exists(first)).as(file).isEqualTo(Files.exists(other.resolve(file)));
            if (Files.exists(first)) {
                assertThat(Files.mismatch(first, other.resolve(file))).as(file).isEqualTo(-1);
            }
        }
    }

    @Test
    void folderAndTarMeasureAlike() throws Exception {
        assertThat(image("measure", folder.resolve("one").toString()).succeeded().json())
                .isEqualTo(built.json());
        assertThat(image("measure", folder.resolve("one/node.tar").toString()).succeeded().json())
                .isEqualTo(built.json());
    }

    @Test
    void holdsNoShellNoLinkAndNothingThatRunsAsItsOwner() throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve("one/tree"))) {
            for (Path path : all.toList()) {
                assertThat(Files.isSymbolicLink(path)).as("%s", path).isFalse();
                int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
                assertThat(mode & 06022).as("%s", path).isZero();
            }
        }
        try (Stream<Path> all = Files.walk(folder.resolve("one/tree"))) {
            assertThat(all.filter(Files::isRegularFile).filter(Files::isExecutable))
                    .extracting(path -> path.getFileName().toString())
                    .containsExactlyInAnyOrder("java", "ld-linux-x86-64.so.2");
        }
    }

    @Test
    void asItsOwnRootItMeetsEveryConditionOfLevelHardened() throws Exception {
        Outcome posture = run("posture");
        assertThat(posture.exit()).as(posture.err()).isZero();
        assertThat(posture.out()).contains("hardened  seccomp").doesNotContain(" NO ");
    }

    @Test
    void refusesToServeOnAMachineWithoutATee() throws Exception {
        assumeFalse(
                Files.isDirectory(Path.of("/sys/kernel/config/tsm/report")),
                "this machine has a TEE");
        Outcome refused = run();
        assertThat(refused.exit()).as(refused.err()).isEqualTo(DENIED);
        assertThat(refused.err()).contains("no trusted execution environment");
    }

    /**
     * The same node on a software chip: the owner's policy wants the level, the node reaches it.
     */
    @Test
    void servesAtLevelHardenedAndTheVaultRefusesTheKeyToALowerOne() throws Exception {
        Path tree = simulatedTree();
        try (var world = Deployment.withoutModel()) {
            ModelName model = world.acme().model("tiny");
            Path plain = TinyModel.write(world.owner().resolve("tiny.onnx"), Deployment.SEED);
            world.permit(
                    model,
                    ChipPolicy.draft(world.measurement())
                            .json()
                            .replace("\"minPosture\": \"base\"", "\"minPosture\": \"hardened\""));
            world.push(model, plain);
            assertThatThrownBy(() -> world.startNode(model, Launch.plain()))
                    .hasMessageContaining("posture");
            world.serves(model);
            world.startNode(
                    model,
                    Launch.plain()
                            .withPrefix(
                                    "e2e/src/test/resources/hardened-node.sh",
                                    tree.toString(),
                                    folder.resolve("hardened").toString())
                            .with("MEASUREMENT", world.measurement())
                            .with("JAVA_HOME", System.getProperty("java.home")));
            try (var client = world.attested()) {
                float[] row = TinyModel.row(5);
                Tensor input = Tensor.ofFloats("x", List.of(1L, (long) TinyModel.SIDE), row);
                assertThat(client.infer(List.of(input)).getFirst().floats())
                        .containsExactly(
                                TinyModel.expected(row, Deployment.SEED), Assertions.within(1e-5f));
            }
        }
    }

    private static Path simulatedTree() throws Exception {
        Path libraries = Path.of(System.getProperty("strongroom.dist", "target/dist"), "sim/lib");
        Path out = folder.resolve("simulated");
        image("build", "--libraries", libraries.toAbsolutePath().toString(), "--out", "" + out)
                .succeeded();
        Path options = out.resolve("tree/strongroom/node.jvm");
        Files.writeString(
                options,
                Files.readString(options)
                        .replace(
                                "serving/dev.strongroom.serving.Main",
                                "sim/dev.strongroom.sim.SimNode")
                        .replace(
                                "access=dev.strongroom.enclave",
                                "access=dev.strongroom.testkit,dev.strongroom.enclave"));
        return out.resolve("tree");
    }

    private static Outcome run(String... mode) throws Exception {
        Path scratch = Files.createTempDirectory(folder, "run");
        Path configuration = Files.createDirectory(scratch.resolve("configuration"));
        Path state = Files.createDirectory(scratch.resolve("state"));
        Files.setAttribute(state, "unix:uid", NODE_USER);
        Files.writeString(
                configuration.resolve("node.yaml"),
                """
                vault: 127.0.0.1:7410
                identity: {ca: /etc/strongroom/ca.pem, cert: /etc/strongroom/cert.pem, key: /etc/strongroom/key.pem}
                pin: %s
                model: acme/net
                dataDir: /var/lib/strongroom
                posture: hardened
                """
                        .formatted("ab".repeat(32)));
        List<String> words =
                new ArrayList<>(
                        List.of(
                                distribution.root().resolve("ops/image/run").toString(),
                                folder.resolve("one/tree").toString(),
                                configuration.toString(),
                                state.toString()));
        words.addAll(List.of(mode));
        words.addAll(List.of("--config", "/etc/strongroom/node.yaml"));
        return distribution.run(words);
    }

    private static Outcome image(String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of("./strongroom", "image"));
        all.addAll(List.of(words));
        all.addAll(List.of("-o", "json"));
        return distribution.run(all);
    }

    private static boolean isRoot() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }
}
