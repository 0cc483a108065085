package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.strongroom.attestation.Digest;
import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.NodeTarget;
import dev.strongroom.client.Profile;
import dev.strongroom.client.Tensor;
import dev.strongroom.client.VersionDemand;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.sim.demo.Daemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A split version between real processes: vault, the owner's agent, node, caller. */
@Tag("nightly")
@ExtendWith(SharedDeployment.class)
class SplitReleaseTest {
    private static final long SEED = 41;
    private static final int UNREACHABLE = 2;
    private static final int DENIED = 4;
    private static final int KILLED = 137;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static Deployment world;
    private static Path folder;
    private static ModelName model;
    private static String versionId;
    private static Daemon agent;

    @BeforeAll
    static void split(Deployment shared) throws Exception {
        world = shared;
        folder = Files.createTempDirectory(world.rest(), "split-");
        init("agent", world.acme().ownerId().hex()).succeeded();
        agent = run("agent", Launch.plain());
        model = world.acme().model("split");
        world.permit(model);
        versionId = push(model, agent).succeeded().field("version_id");
    }

    @AfterAll
    static void stop() {
        agent.close();
    }

    private static Outcome init(String name, String owner) throws Exception {
        Files.writeString(
                config(name),
                """
                dataDir: %s
                owner: %s
                passwordFile: %s
                """
                        .formatted(
                                folder.resolve(name), owner, folder.resolve(name + ".password")));
        return world.sim("agent", "init", "--config", config(name).toString());
    }

    private static Path config(String name) {
        return folder.resolve(name + ".yaml");
    }

    private static Daemon run(String name, Launch launch) throws Exception {
        return world.distribution()
                .start(
                        folder.resolve(name + ".log"),
                        launch,
                        words("agent", "run", "--config", config(name).toString()));
    }

    private static List<String> words(String... words) {
        var all = new ArrayList<String>();
        all.addAll(
                List.of("./strongroom-sim", "--world", world.rest().resolve("world").toString()));
        all.addAll(List.of(words));
        return all;
    }

    private static Outcome push(ModelName name, Daemon to) throws Exception {
        Path plain = TinyModel.write(world.owner().resolve(name.name() + ".onnx"), SEED);
        return world.command(
                world.acme().owner(),
                "model",
                "push",
                name.toString(),
                plain.toString(),
                "--split",
                address(to),
                "-o",
                "json");
    }

    private static String address(Daemon running) {
        return running.field("agent") + "@" + running.field("grpc");
    }

    /** A node for the split version, which asks for the other part at an address. */
    private static List<String> node(String name, Optional<String> agentAddress)
            throws IOException {
        Path config = config(name);
        Path identity = world.acme().node();
        Files.writeString(
                config,
                """
                vault: %s
                identity: {ca: %s/ca.pem, cert: %s/cert.pem, key: %s/key.pem}
                pin: %s
                model: %s
                dataDir: %s
                %s
                """
                        .formatted(
                                world.vault().field("grpc"),
                                identity,
                                identity,
                                identity,
                                world.pin().hex(),
                                model,
                                folder.resolve(name),
                                agentAddress.map(there -> "agent: " + there).orElse("")));
        return words(
                "node", "--host-data", world.acme().ownerId().hex(), "--config", config.toString());
    }

    private static Outcome refused(String name, Optional<String> agentAddress) throws Exception {
        return world.distribution().run(node(name, agentAddress));
    }

    private static void requireServing(String name) throws Exception {
        try (Daemon node =
                        world.distribution()
                                .start(
                                        folder.resolve(name + ".log"),
                                        Launch.plain(),
                                        node(name, Optional.of(agent.field("grpc"))));
                InferenceClient client = attested(node)) {
            float[] row = TinyModel.row(3);
            List<Tensor> answer =
                    client.infer(
                            List.of(Tensor.ofFloats("x", List.of(1L, (long) TinyModel.SIDE), row)));
            assertThat(answer.getFirst().floats())
                    .containsExactly(TinyModel.expected(row, SEED), within(1e-5f));
        }
    }

    private static InferenceClient attested(Daemon node) throws Exception {
        return InferenceClient.attest(
                new NodeTarget(
                        new Profile(world.acme().consumer()),
                        node.field("grpc"),
                        Optional.of(world.vault().field("grpc")),
                        world.pin(),
                        model,
                        VersionDemand.atLeast(1),
                        Optional.empty()),
                world.anchors(),
                InstantSource.system(),
                new SecureRandom());
    }

    private static List<JsonNode> log() throws Exception {
        Outcome printed =
                world.sim("agent", "log", "--config", config("agent").toString()).succeeded();
        return printed.out().lines().map(JsonMapper.shared()::readTree).toList();
    }

    private static List<String> types() throws Exception {
        return log().stream().map(line -> line.path("type").asString()).toList();
    }

    @Test
    void withTheAgentTheNodeServesAndTheAgentsLogSaysToWhom() throws Exception {
        requireServing("serving");
        JsonNode released =
                log().stream()
                        .filter(line -> line.path("type").asString().equals("part.released"))
                        .findFirst()
                        .orElseThrow();
        assertThat(released.path("version-id").asString()).isEqualTo(versionId);
        assertThat(released.path("measurement").asString()).isEqualTo(world.measurement());
        assertThat(released.path("tee").asString()).isEqualTo("simulated");
    }

    @Test
    void withoutTheAgentTheNodeSaysWhatIsMissing() throws Exception {
        Outcome untold = refused("untold", Optional.empty());
        assertThat(untold.exit()).as(untold.err()).isEqualTo(DENIED);
        assertThat(untold.err()).contains("the version is split", "agent: HOST:PORT");
        Outcome nobody = refused("nobody", Optional.of("127.0.0.1:1"));
        assertThat(nobody.exit()).as(nobody.err()).isEqualTo(UNREACHABLE);
        assertThat(nobody.err())
                .contains("its owner's agent does not answer at 127.0.0.1:1")
                .doesNotContain("\tat ");
    }

    /** Another agent at the right place is not the one whose key the owner signed. */
    @Test
    void anotherAgentIsNotTalkedTo() throws Exception {
        init("other", world.acme().ownerId().hex()).succeeded();
        try (Daemon other = run("other", Launch.plain())) {
            Outcome outcome = refused("misled", Optional.of(other.field("grpc")));
            assertThat(outcome.exit()).as(outcome.err()).isEqualTo(UNREACHABLE);
            assertThat(outcome.err()).contains("the one that the version names");
        }
    }

    @Test
    void anAgentOfAnotherOwnerGetsNoPart() throws Exception {
        init("foreign", "ab".repeat(32)).succeeded();
        world.permit(world.acme().model("foreign-split"));
        try (Daemon foreign = run("foreign", Launch.plain())) {
            Outcome outcome = push(world.acme().model("foreign-split"), foreign);
            assertThat(outcome.exit()).isNotZero();
            assertThat(outcome.err()).contains("is another owner's");
        }
    }

    /**
     * The vault's host has the token, its PIN and all of the vault's data; so it can have T. What T
     * opens is as long as a key, and is none.
     */
    @Test
    void theVaultsHostAloneHasNothing() throws Exception {
        var probe = new ReleaseProbe(world, world.acme());
        byte[] underT = probe.underT(model, 1);
        assertThat(underT).hasSize(32);
        assertThat(probe.isContentKey(underT, model, 1)).isFalse();
        byte[] whole = probe.underT(world.model(), 1);
        assertThat(probe.isContentKey(whole, world.model(), 1)).isTrue();
    }

    @Test
    void anAgentThatIsKilledBetweenLogAndAnswerGoesOn() throws Exception {
        agent.close();
        agent = run("agent", Launch.failingAt("RELEASE_RECORDED"));
        long released = types().stream().filter("part.released"::equals).count();
        Outcome outcome = refused("unanswered", Optional.of(agent.field("grpc")));
        assertThat(outcome.exit()).as(outcome.err()).isEqualTo(UNREACHABLE);
        assertThat(agent.awaitEnd(PATIENCE)).isEqualTo(KILLED);
        assertThat(types().stream().filter("part.released"::equals).count())
                .isEqualTo(released + 1);
        agent = run("agent", Launch.plain());
        requireServing("recovered");
    }

    @Test
    void whatTheOwnerRevokesIsReleasedNoMore() throws Exception {
        ModelName gone = world.acme().model("split-gone");
        world.permit(gone);
        String id = push(gone, agent).succeeded().field("version_id");
        Outcome revoked =
                world.command(
                        world.acme().owner(),
                        "agent",
                        "revoke",
                        "version",
                        id,
                        "--agent",
                        address(agent),
                        "--reason",
                        "pushed by mistake");
        revoked.succeeded();
        ModelName before = model;
        try {
            model = gone;
            Outcome outcome = refused("gone", Optional.of(agent.field("grpc")));
            assertThat(outcome.exit()).as(outcome.err()).isEqualTo(DENIED);
            assertThat(outcome.err()).contains("gives no part: refused by decision");
            assertThat(outcome.err()).doesNotContain("revocation");
        } finally {
            model = before;
        }
        assertThat(log().getLast().path("rule").asString()).isEqualTo("revocation.version");
    }

    @Test
    void aSplitIsNotSealedAnew() throws Exception {
        Path plain = TinyModel.write(world.owner().resolve("both.onnx"), SEED);
        Outcome outcome =
                world.command(
                        world.acme().owner(),
                        "model",
                        "push",
                        world.acme().model("both").toString(),
                        plain.toString(),
                        "--split",
                        address(agent),
                        "--reseal-by",
                        HexFormat.of().formatHex(Digest.sha256().bytes()));
        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(outcome.err()).contains("cannot be sealed anew");
    }
}
