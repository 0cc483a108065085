package dev.strongroom.sim.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The first half: from an empty folder to a model that an enclave serves. For one thread. */
final class Opening {
    static final String TENANT = "acme";

    private static final Path BUNDLED = Path.of("target/models/all-minilm-l6-v2.onnx");

    private final Stage stage;
    private final Terminal terminal;
    private final Workspace workspace;
    private final String measurement;
    private JsonNode token = JsonMapper.shared().nullNode();
    private String ownerId = "";

    /**
     * @param world what {@code strongroom-sim world} printed
     */
    Opening(Stage stage, String world) {
        this.stage = stage;
        this.terminal = stage.terminal();
        this.workspace = stage.workspace();
        this.measurement = JsonMapper.shared().readTree(world).path("measurement").asString();
    }

    void token() throws IOException, InterruptedException {
        terminal.step("A token: SoftHSM2 with a random PIN in a file of mode 0600");
        token =
                JsonMapper.shared()
                        .readTree(terminal.succeed("./strongroom-sim", "token", path("token")));
        terminal.export("SOFTHSM2_CONF", token.path("configuration").asString());
        // What the JVMs and ONNX Runtime unpack goes where the hunt will look.
        Files.createDirectory(workspace.path("tmp"));
        terminal.export("STRONGROOM_JVM_OPTIONS", "-Djava.io.tmpdir=" + path("tmp"));
    }

    Daemon vault() throws IOException, InterruptedException {
        terminal.step("The vault: its keys are made in the token");
        terminal.file(
                workspace.path("vault.yaml"),
                """
                dataDir: %s
                token: {module: %s, label: %s, pinFile: %s}
                """
                        .formatted(
                                path("vault"),
                                token.path("module").asString(),
                                token.path("label").asString(),
                                token.path("pinFile").asString()));
        String config = path("vault.yaml");
        terminal.succeed(
                stage.sim("vault", "init", "--config", config, "--operator-out", path("operator")));
        Daemon vault =
                stage.own(
                        terminal.start(
                                workspace.path("vault.log"),
                                stage.sim("vault", "run", "--config", config)));
        terminal.export("STRONGROOM_ADDR", vault.field("grpc"));
        return vault;
    }

    void people() throws IOException, InterruptedException {
        terminal.step("An owner with a key of its own, and who else takes part");
        ownerId = field(asOwner("owner", "init", "-o", "json"), "owner_id");
        asOperator(
                "tenant",
                "create",
                TENANT,
                "--owner-key",
                Path.of(workspace.ownerContext(), "owner.pub.pem").toString());
        identity("owner", "alice", workspace.ownerContext());
        identity("node", "edge-1", path("edge-1"));
        identity("consumer", "app", path("consumer"));
        asOperator(
                "identity",
                "create",
                "--role",
                "auditor",
                "--name",
                "eve",
                "--out",
                path("auditor"));
    }

    private void identity(String role, String name, String folder)
            throws IOException, InterruptedException {
        asOperator(
                "identity",
                "create",
                "--tenant",
                TENANT,
                "--role",
                role,
                "--name",
                name,
                "--owner-id",
                ownerId,
                "--out",
                folder);
    }

    private void asOperator(String... words) throws IOException, InterruptedException {
        terminal.succeed(stage.as(path("operator"), words));
    }

    /** Puts the plain model where plaintext may be. */
    Path model(Optional<Path> given) throws IOException {
        terminal.step("The model, in the owner's folder only");
        Path source = given.orElse(stage.root().resolve(BUNDLED));
        if (!Files.isRegularFile(source)) {
            throw new DemoFailure(source + ": no such file");
        }
        Path model = workspace.ownerFolder("model").resolve(source.getFileName());
        terminal.say("$ cp " + source + " " + model);
        return Files.copy(source, model);
    }

    void policy(String model) throws IOException, InterruptedException {
        terminal.step("The owner's policy: this image and no other gets the key");
        Path policy = workspace.path("release.json");
        asOwner(
                "policy",
                "new",
                "--tee",
                "sev-snp",
                "--product",
                "Genoa",
                "--measurement",
                measurement,
                "--min-tcb",
                "bl=10,tee=0,snp=25,ucode=84",
                "--out",
                policy.toString());
        asOwner("policy", "set", model, "--release", policy.toString());
    }

    /** The number of the new version. */
    long push(String model, Path file) throws IOException, InterruptedException {
        terminal.step("Push: prepared, sealed here, ciphertext uploaded");
        String pushed = asOwner("model", "push", model, file.toString(), "-o", "json");
        return Long.parseLong(field(pushed, "version"));
    }

    Daemon node(Daemon vault, String model) throws IOException, InterruptedException {
        terminal.step("The node: evidence, lease, weights opened into locked memory");
        terminal.file(
                workspace.path("node.yaml"),
                """
                vault: %s
                identity: {ca: %s/ca.pem, cert: %s/cert.pem, key: %s/key.pem}
                pin: %s
                model: %s
                dataDir: %s
                """
                        .formatted(
                                vault.field("grpc"),
                                path("edge-1"),
                                path("edge-1"),
                                path("edge-1"),
                                vault.field("pin"),
                                model,
                                path("node")));
        return stage.own(
                terminal.start(
                        workspace.path("node.log"),
                        stage.sim("node", "--host-data", ownerId, "--config", path("node.yaml"))));
    }

    private String asOwner(String... words) throws IOException, InterruptedException {
        return terminal.succeed(stage.as(workspace.ownerContext(), words));
    }

    private static String field(String json, String name) {
        return JsonMapper.shared().readTree(json).path(name).asString();
    }

    private String path(String name) {
        return workspace.path(name).toString();
    }
}
