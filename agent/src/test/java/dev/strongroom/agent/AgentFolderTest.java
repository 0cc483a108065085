package dev.strongroom.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.config.ServiceException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent keeps, how it starts, and when it does not. */
class AgentFolderTest {
    @TempDir Path folder;

    @Test
    void filesAreTheOwnersAndNoneHoldsAPartInTheClear() throws Exception {
        try (var world = World.in(folder)) {
            var pushed = world.push();
            byte[] part;
            AgentKeys keys;
            char[] password = world.config().password().read();
            keys =
                    AgentKeys.load(
                            Files.readAllBytes(world.config().dataDir().resolve("keys.p12")),
                            password);
            part =
                    keys.open(
                            new OwnerWord(world.id, world.ownerId)
                                    .part(
                                            world.part(pushed).getStatement().toByteArray(),
                                            world.owner.getPublic().getEncoded()));
            for (Path file : files()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(file.toString())
                        .startsWith("rw-");
                assertThat(contains(Files.readAllBytes(file), part)).as(file.toString()).isFalse();
            }
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(world.config().dataDir())))
                    .isEqualTo("rwx------");
            for (String secret : List.of("agent/keys.p12", "agent/decisions.log", "password")) {
                assertThat(
                                PosixFilePermissions.toString(
                                        Files.getPosixFilePermissions(folder.resolve(secret))))
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void aSecondProcessStaysOut() throws Exception {
        try (var world = World.in(folder)) {
            assertThatThrownBy(world::start)
                    .isInstanceOf(ServiceException.class)
                    .hasMessageContaining("in use by another agent");
        }
    }

    @Test
    void anotherPasswordAndAReadableOneAreRefused() throws Exception {
        World world = World.in(folder);
        world.close();
        Path password = folder.resolve("password");
        String good = Files.readString(password);
        Files.writeString(password, "f".repeat(64));
        assertThatThrownBy(world::start)
                .isInstanceOf(ServiceException.class)
                .hasMessageContaining("the password is another one");
        Files.writeString(password, "short");
        assertThatThrownBy(world::start)
                .isInstanceOf(ServiceException.class)
                .hasMessageContaining("at least 32");
        Files.writeString(password, good);
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(world::start)
                .isInstanceOf(ServiceException.class)
                .hasMessageContaining("chmod 600");
    }

    @Test
    void aLogThatIsMissingIsNoFreshStart() throws Exception {
        World world = World.in(folder);
        world.close();
        Files.delete(AgentFolder.log(world.config().dataDir()));
        assertThatThrownBy(world::start)
                .isInstanceOf(ServiceException.class)
                .hasMessageContaining("does not know any more what its owner revoked");
    }

    @Test
    void aFolderBornInTheSimulatedWorldStaysThere() throws Exception {
        World world = World.in(folder);
        world.close();
        assertThatThrownBy(() ->
                        Agent.start(
                                world.config(),
                                TrustAnchors.vendors(),
                                InstantSource.system(),
                                new SecureRandom()))
                .isInstanceOf(ServiceException.class)
                .hasMessageContaining("simulated world");
    }

    @Test
    void anotherOwnerIsAnotherAgent() throws Exception {
        World world = World.in(folder);
        world.close();
        var config = world.config();
        var other =
                new AgentConfig(
                        config.dataDir(),
                        Digest.sha256(new byte[] {3}),
                        config.password(),
                        config.host(),
                        config.port());
        assertThatThrownBy(() ->
                        Agent.start(
                                other,
                                World.chip().anchors(),
                                InstantSource.system(),
                                new SecureRandom()))
                .isInstanceOf(ServiceException.class)
                .hasMessageContaining("another owner");
    }

    @Test
    void theCommandsMakeAnAgentOnceAndPrintItsLog() throws Exception {
        Path config = folder.resolve("agent.yaml");
        Files.writeString(
                config,
                "dataDir: %s\nowner: %s\npasswordFile: %s\n"
                        .formatted(
                                folder.resolve("data"),
                                "ab".repeat(32),
                                folder.resolve("password")));
        assertThat(command("init", "--config", config.toString()))
                .startsWith("0 {\"agent\":\"")
                .contains("\"tee\":\"simulated\"");
        assertThat(command("log", "--config", config.toString()))
                .startsWith("0 ")
                .contains("agent.created");
        assertThat(command("init", "--config", config.toString()))
                .startsWith("1 ")
                .contains("exists already");
        assertThat(command("run")).startsWith("1 ");
        assertThat(command("--help")).startsWith("0 usage");
        Files.writeString(config, "dataDir: /x\nowner: nobody\n");
        assertThat(command("run", "--config", config.toString()))
                .startsWith("1 ")
                .contains("owner", "passwordFile");
    }

    private static String command(String... arguments) {
        var out = new ByteArrayOutputStream();
        var to = new PrintStream(out, true, StandardCharsets.UTF_8);
        int exit = new AgentCommand(World.chip().anchors(), to, to).run(arguments);
        return exit + " " + out.toString(StandardCharsets.UTF_8);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private static boolean contains(byte[] in, byte[] what) {
        String text = new String(in, StandardCharsets.ISO_8859_1);
        return text.contains(new String(what, StandardCharsets.ISO_8859_1));
    }
}
