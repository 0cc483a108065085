package dev.strongroom.e2e;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.client.ClientException;
import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.ModelPublisher;
import dev.strongroom.client.NodeTarget;
import dev.strongroom.client.Profile;
import dev.strongroom.client.Progress;
import dev.strongroom.client.PushRequest;
import dev.strongroom.client.Pushed;
import dev.strongroom.client.VaultConnection;
import dev.strongroom.client.VersionDemand;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.ops.Console;
import dev.strongroom.ops.StrongroomCommand;
import dev.strongroom.sim.demo.Daemon;
import dev.strongroom.sim.demo.Workspace;
import dev.strongroom.testkit.ChipPolicy;
import dev.strongroom.testkit.SoftwareChip;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * A simulated world made from nothing: a chip, a token, a vault and a node as processes of the
 * built distribution, and people with context folders. Closing ends the processes and deletes
 * everything.
 *
 * <pre>{@code
 * try (var world = Deployment.serving()) {
 *     Outcome listed = world.cli(world.acme().owner(), "model", "list", "-o", "json");
 *     world.vault().kill();
 *     world.startVault(Launch.failingAt("BATCH_MADE"));
 * }
 * }</pre>
 *
 * <p>For one test at a time; {@link SharedDeployment} gives one to tests that do not break it, and
 * {@link #beside} makes room there for a test with nodes of its own.
 */
final class Deployment implements AutoCloseable {
    /** The model of {@link #serving()}: {@link TinyModel} of this seed. */
    static final long SEED = 1;

    private final Workspace folders;
    private final String prefix; // of its files among those of others
    private final TrustAnchors anchors;
    private final String measurement;
    private final JsonNode token;
    private final Distribution distribution;
    private final List<Daemon> nodes = new ArrayList<>();
    private final List<Daemon> twins = new ArrayList<>();
    private final Map<String, Tenant> tenants = new LinkedHashMap<>();
    private Optional<Daemon> vault = Optional.empty();
    private Optional<ModelName> model = Optional.empty();
    private String nodeSettings = "";
    private int guests;

    private Deployment(
            Workspace folders,
            String prefix,
            TrustAnchors anchors,
            String measurement,
            JsonNode token,
            Distribution distribution) {
        this.folders = folders;
        this.prefix = prefix;
        this.anchors = anchors;
        this.measurement = measurement;
        this.token = token;
        this.distribution = distribution;
    }

    /** A running vault with tenant acme and its people; no model, no node. */
    static Deployment withoutModel() throws Exception {
        return withoutModel(Launch.plain());
    }

    /** The same, with something special about the vault's first start. */
    static Deployment withoutModel(Launch vault) throws Exception {
        return withoutModel(vault, "");
    }

    /** The same, with further keys of the vault's configuration. */
    static Deployment withoutModel(Launch vault, String vaultSettings) throws Exception {
        Deployment deployment = withoutVault();
        try {
            deployment.configureVault(vaultSettings);
            deployment.initialiseVault();
            deployment.startVault(vault);
            deployment.newTenant("acme");
            deployment.identity("auditor", "eve", deployment.auditor());
            return deployment;
        } catch (Exception | Error e) {
            deployment.close();
            throw e;
        }
    }

    /** The same with acme/tiny pushed and served. */
    static Deployment serving() throws Exception {
        Deployment deployment = withoutModel();
        try {
            Path plain = TinyModel.write(deployment.owner().resolve("tiny.onnx"), SEED);
            deployment.serve(deployment.acme().model("tiny"), plain);
            return deployment;
        } catch (Exception | Error e) {
            deployment.close();
            throw e;
        }
    }

    /** A chip and a token, and a configuration of a vault that does not exist yet. */
    static Deployment withoutVault() throws Exception {
        Workspace folders = Workspace.create();
        try {
            for (String folder : List.of("tmp", "home", "scratch")) {
                Files.createDirectory(folders.path(folder));
            }
            // What JVMs and libraries leave behind goes where the hunts look.
            var distribution =
                    Distribution.built(folders.path("scratch"))
                            .with("HOME", folders.path("home").toString())
                            .with(
                                    "STRONGROOM_JVM_OPTIONS",
                                    Launch.QUICK + " -Djava.io.tmpdir=" + folders.path("tmp"));
            return withoutVault(folders, distribution);
        } catch (Exception | Error e) {
            folders.close();
            throw e;
        }
    }

    private static Deployment withoutVault(Workspace folders, Distribution distribution)
            throws Exception {
        Path world = folders.path("world");
        List<Outcome> made =
                together(
                        () -> distribution.run(List.of("./strongroom-sim", "world", "" + world)),
                        () ->
                                distribution.run(
                                        List.of(
                                                "./strongroom-sim",
                                                "token",
                                                folders.path("token").toString())));
        String measurement = made.getFirst().succeeded().field("measurement");
        JsonNode token = made.getLast().succeeded().json();
        var deployment =
                new Deployment(
                        folders,
                        "",
                        SoftwareChip.anchors(world),
                        measurement,
                        token,
                        distribution.with("SOFTHSM2_CONF", token.path("configuration").asString()));
        deployment.configureVault("");
        return deployment;
    }

    /**
     * The same chip, token and vault with a new tenant and with nodes that no other test sees.
     * Closing it ends those nodes and nothing else; the vault is to be left as it was.
     */
    Deployment beside(String name) throws IOException {
        guests++;
        String tenant = name + "-" + guests;
        var guest =
                new Deployment(folders, tenant + "-", anchors, measurement, token, distribution);
        guest.vault = vault;
        guest.newTenant(tenant);
        return guest;
    }

    private static List<Outcome> together(Callable<Outcome> one, Callable<Outcome> other)
            throws Exception {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = executor.submit(one);
            var second = executor.submit(other);
            return List.of(first.get(), second.get());
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    // The vault

    /** Writes vault.yaml; {@code more}: further keys, such as {@code limits: {leaseMinutes: 1}}. */
    void configureVault(String more) throws IOException {
        Files.writeString(
                vaultConfig(),
                """
                dataDir: %s
                token: {module: %s, label: %s, pinFile: %s}
                %s
                """
                        .formatted(
                                vaultData(),
                                token.path("module").asString(),
                                token.path("label").asString(),
                                pinFile(),
                                more));
    }

    /** The ceremony; the first operator gets {@link #operator()}. */
    void initialiseVault() throws IOException, InterruptedException {
        sim(
                        "vault",
                        "init",
                        "--config",
                        vaultConfig().toString(),
                        "--operator-out",
                        "" + operator())
                .succeeded();
    }

    /** Starts the vault, at a new address. The one before must have ended. */
    Daemon startVault(Launch launch) throws IOException, InterruptedException {
        if (vault.filter(Daemon::alive).isPresent()) {
            throw new IllegalStateException("the vault runs");
        }
        Daemon started =
                distribution.start(
                        vaultLog(),
                        launch,
                        words("vault", "run", "--config", vaultConfig().toString()));
        vault = Optional.of(started);
        return started;
    }

    /**
     * Starts a second vault of the same token beside the one that runs, on a copy of its data. It
     * is {@link #vault()} from then on; {@link #use} goes back.
     */
    Daemon startTwin(Path data) throws IOException, InterruptedException {
        Path config = data.resolveSibling(data.getFileName() + ".yaml");
        String genuine = Files.readString(vaultConfig());
        Files.writeString(config, genuine.replace("dataDir: " + vaultData(), "dataDir: " + data));
        Daemon twin =
                distribution.start(
                        vaultLog(),
                        Launch.plain(),
                        words("vault", "run", "--config", config.toString()));
        twins.add(twin);
        vault.ifPresent(twins::add);
        vault = Optional.of(twin);
        return twin;
    }

    /** Has everybody talk to this vault from now on. */
    void use(Daemon running) {
        vault = Optional.of(running);
    }

    /** The last one that was started, whether it still runs or not. */
    Daemon vault() {
        return vault.orElseThrow();
    }

    // Nodes

    /** Sets a policy for {@code name}, pushes {@code plain} and starts a node for it. */
    void serve(ModelName name, Path plain) throws Exception {
        permit(name);
        push(name, plain);
        model = Optional.of(name);
        startNode(name, Launch.plain());
    }

    /** Further keys of the configuration of nodes that are started from now on. */
    void configureNodes(String more) {
        nodeSettings = more;
    }

    /** What {@link #attested} asks {@link #node()} for, when a test starts its nodes itself. */
    void serves(ModelName name) {
        model = Optional.of(name);
    }

    /** Starts a node of the model's tenant; its data folder is a new one. */
    Daemon startNode(ModelName name, Launch launch) throws IOException, InterruptedException {
        return startNode(name, nodeData(nodes.size()), launch);
    }

    /** Starts a node of several models of one tenant. */
    Daemon startNode(List<ModelName> names, Launch launch)
            throws IOException, InterruptedException {
        String models =
                names.stream()
                        .map(name -> "  - {model: %s}".formatted(name))
                        .collect(Collectors.joining("\n", "models:\n", ""));
        Tenant tenant = tenant(names.getFirst().tenant().value());
        Path config = nodeConfig(tenant, models, "node-" + nodes.size(), nodeData(nodes.size()));
        Daemon node = distribution.start(nodeLog(), launch, nodeWords(tenant, config));
        nodes.add(node);
        return node;
    }

    /** Starts a node on a data folder, which no running node uses. */
    Daemon startNode(ModelName name, Path data, Launch launch)
            throws IOException, InterruptedException {
        Path config = nodeConfig(name, "node-" + nodes.size(), data);
        Daemon node =
                distribution.start(
                        nodeLog(), launch, nodeWords(tenant(name.tenant().value()), config));
        nodes.add(node);
        return node;
    }

    /**
     * Starts a node of the first tenant on a data folder, which no running node uses.
     *
     * @param models its lines of the configuration
     */
    Daemon startNode(String models, Path data, Launch launch)
            throws IOException, InterruptedException {
        Path config = nodeConfig(tenant(), models, "node-" + nodes.size(), data);
        Daemon node = distribution.start(nodeLog(), launch, nodeWords(tenant(), config));
        nodes.add(node);
        return node;
    }

    /** Starts a node on a configuration of the caller's, launched with this host data. */
    Daemon startNodeLaunchedWith(String hostData, Path config)
            throws IOException, InterruptedException {
        Daemon node =
                distribution.start(
                        nodeLog(),
                        Launch.plain(),
                        words("node", "--host-data", hostData, "--config", config.toString()));
        nodes.add(node);
        return node;
    }

    /** Starts a node under a certificate of its own, so that it is a second one for the vault. */
    Daemon startNode(ModelName name, Path identity, Path data, Launch launch)
            throws IOException, InterruptedException {
        Tenant tenant = tenant(name.tenant().value()).withNode(identity);
        Path config = nodeConfig(tenant, "model: " + name, "node-" + nodes.size(), data);
        Daemon node = distribution.start(nodeLog(), launch, nodeWords(tenant, config));
        nodes.add(node);
        return node;
    }

    /** Starts a node of the model's tenant by a command of the caller's on a given data folder. */
    Daemon startNodeBy(List<String> command, ModelName name, Path data, Launch launch)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(command);
        List<String> sim =
                nodeWords(tenant(name.tenant().value()), nodeConfig(name, "node-by", data));
        all.addAll(sim.subList(1, 3)); // --world and its folder
        all.addAll(sim.subList(4, 6)); // --host-data and the owner's id, which come after "node"
        all.addAll(List.of("--measurement", measurement)); // whatever the command has made of jars
        all.addAll(sim.subList(6, sim.size()));
        Daemon node = distribution.start(nodeLog(), launch, all);
        nodes.add(node);
        model = Optional.of(name);
        return node;
    }

    /** Runs {@code node reseal} for a model, on a data folder of its own, to its end. */
    Outcome reseal(ModelName name) throws IOException, InterruptedException {
        Path config = nodeConfig(name, "reseal", folders.path(prefix + "reseal-data"));
        return sim(
                "node",
                "--host-data",
                tenant(name.tenant().value()).ownerId().hex(),
                "reseal",
                "--config",
                config.toString());
    }

    /** Runs {@code tune} for a model, on a data folder of its own, to its end. */
    Outcome tune(ModelName name, String... options) throws IOException, InterruptedException {
        Path config = nodeConfig(name, "tune", folders.path(prefix + "tune-data"));
        List<String> words =
                new ArrayList<>(
                        List.of(
                                "node",
                                "--host-data",
                                tenant(name.tenant().value()).ownerId().hex(),
                                "tune",
                                "--config",
                                config.toString()));
        words.addAll(List.of(options));
        return sim(words.toArray(String[]::new));
    }

    private Path nodeConfig(ModelName name, String file, Path data) throws IOException {
        return nodeConfig(tenant(name.tenant().value()), "model: " + name, file, data);
    }

    private Path nodeConfig(Tenant tenant, String models, String file, Path data)
            throws IOException {
        Path config = folders.path(prefix + file + ".yaml");
        Files.writeString(
                config,
                """
                vault: %s
                identity: {ca: %s/ca.pem, cert: %s/cert.pem, key: %s/key.pem}
                pin: %s
                %s
                dataDir: %s
                %s
                """
                        .formatted(
                                vault().field("grpc"),
                                tenant.node(),
                                tenant.node(),
                                tenant.node(),
                                pin().hex(),
                                models,
                                data,
                                nodeSettings));
        return config;
    }

    private List<String> nodeWords(Tenant tenant, Path config) {
        return words("node", "--host-data", tenant.ownerId().hex(), "--config", config.toString());
    }

    /** The last one that was started, whether it still runs or not. */
    Daemon node() {
        return nodes.getLast();
    }

    /** Vault and nodes that were started, whether they still run or not. */
    List<Daemon> daemons() {
        List<Daemon> all = new ArrayList<>(nodes);
        vault.ifPresent(all::add);
        return all;
    }

    // Commands

    /** Runs {@code ./strongroom-sim --world … WORDS --context CONTEXT} as a process. */
    Outcome cli(Path context, String... words) throws IOException, InterruptedException {
        return sim(inContext(vault.map(running -> running.field("grpc")), context, words));
    }

    /** The same command in this process, for tests with many of them. */
    Outcome command(Path context, String... words) {
        return commandAt(vault.map(running -> running.field("grpc")), context, words);
    }

    /** The same, with another address for the vault. */
    Outcome commandAt(String address, Path context, String... words) {
        return commandAt(Optional.of(address), context, words);
    }

    private Outcome commandAt(Optional<String> address, Path context, String... words) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        try (var toOut = new PrintStream(out, false, StandardCharsets.UTF_8);
                var toErr = new PrintStream(err, false, StandardCharsets.UTF_8)) {
            var console = new Console(toOut, toErr, Console.Errors.FILE, Map.of());
            int exit =
                    new StrongroomCommand(anchors, console)
                            .execute(inContext(address, context, words));
            toOut.flush();
            toErr.flush();
            return new Outcome(
                    exit,
                    out.toString(StandardCharsets.UTF_8),
                    err.toString(StandardCharsets.UTF_8));
        }
    }

    private static String[] inContext(Optional<String> address, Path context, String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--context", context.toString()));
        address.ifPresent(there -> all.addAll(List.of("--addr", there)));
        return all.toArray(String[]::new);
    }

    /** Runs {@code ./strongroom-sim --world … WORDS} to its end, whatever that is. */
    Outcome sim(String... words) throws IOException, InterruptedException {
        return distribution.run(words(words));
    }

    private List<String> words(String... words) {
        List<String> all = new ArrayList<>();
        all.addAll(List.of("./strongroom-sim", "--world", folders.path("world").toString()));
        all.addAll(List.of(words));
        return all;
    }

    // People, policies and models

    /** Makes a tenant with an owner, a node and a consumer. */
    Tenant newTenant(String name) throws IOException {
        Path owner = folders.owner().resolve("context-" + name);
        String ownerId =
                command(owner, "owner", "init", "-o", "json").succeeded().field("owner_id");
        String publicKey = owner.resolve("owner.pub.pem").toString();
        command(operator(), "tenant", "create", name, "--owner-key", publicKey).succeeded();
        var tenant =
                new Tenant(
                        name,
                        new Digest(ownerId),
                        owner,
                        folders.path(name + "-node"),
                        folders.path(name + "-consumer"));
        tenants.put(name, tenant);
        identity("owner", "alice", owner, "--tenant", name, "--owner-id", ownerId);
        identity("node", "edge-1", tenant.node(), "--tenant", name, "--owner-id", ownerId);
        identity("consumer", "app", tenant.consumer(), "--tenant", name, "--owner-id", ownerId);
        return tenant;
    }

    /** Has the operator certify somebody; {@code more}: {@code --tenant} and so on. */
    void identity(String role, String name, Path context, String... more) {
        List<String> words = new ArrayList<>(List.of("identity", "create"));
        words.addAll(List.of("--role", role, "--name", name, "--out", context.toString()));
        words.addAll(List.of(more));
        command(operator(), words.toArray(String[]::new)).succeeded();
    }

    /** Lets nodes of this build have the key of a model. */
    void permit(ModelName name) throws IOException {
        permit(name, ChipPolicy.draft(measurement).json());
    }

    /** Sets a release policy. */
    void permit(ModelName name, String policy) throws IOException {
        setPolicies(name, "--release", file(policy));
    }

    /** Lets nodes of this build have the key of a model, and answer by this output policy. */
    void permitAnswers(ModelName name, String output) throws IOException {
        String release = file(ChipPolicy.draft(measurement).json());
        setPolicies(name, "--release", release, "--output-policy", file(output));
    }

    private String file(String policy) throws IOException {
        return Files.writeString(
                        Files.createTempFile(folders.path("scratch"), "policy", ".json"), policy)
                .toString();
    }

    private void setPolicies(ModelName name, String... which) {
        List<String> words = new ArrayList<>(List.of("policy", "set", name.toString()));
        words.addAll(List.of(which));
        command(tenant(name.tenant().value()).owner(), words.toArray(String[]::new)).succeeded();
    }

    /** Prepares, seals and pushes through the client's API. */
    Pushed push(ModelName name, Path plain) throws Exception {
        return push(name, plain, PushRequest.Preparing.WHERE_THERE_IS_ROOM);
    }

    Pushed push(ModelName name, Path plain, PushRequest.Preparing preparing) throws Exception {
        try (var connection = connect(tenant(name.tenant().value()).owner())) {
            return publisher(connection)
                    .push(new PushRequest(name, plain, preparing, TrustLevel.SOFTWARE, "", ""));
        }
    }

    /** A publisher on an owner's connection. */
    ModelPublisher publisher(VaultConnection connection) throws ClientException, IOException {
        return new ModelPublisher(
                connection,
                pin(),
                anchors,
                InstantSource.system(),
                new SecureRandom(),
                Progress.SILENT);
    }

    /** A connection to the vault under the identity of a context folder. */
    VaultConnection connect(Path context) throws ClientException, IOException {
        return VaultConnection.open(new Profile(context), vault().field("grpc"));
    }

    /** The consumer's attested connection to {@link #node()}. */
    InferenceClient attested() throws ClientException, IOException {
        ModelName name = model.orElseThrow();
        var target =
                new NodeTarget(
                        new Profile(tenant(name.tenant().value()).consumer()),
                        node().field("grpc"),
                        vault.filter(Daemon::alive).map(running -> running.field("grpc")),
                        pin(),
                        name,
                        VersionDemand.atLeast(1),
                        Optional.empty());
        return InferenceClient.attest(target, anchors, InstantSource.system(), new SecureRandom());
    }

    // What is where

    Tenant acme() {
        return tenant("acme");
    }

    /** The tenant that was made first. */
    Tenant tenant() {
        return tenants.values().iterator().next();
    }

    Tenant tenant(String name) {
        return Optional.ofNullable(tenants.get(name)).orElseThrow();
    }

    /** The model of {@link #serve}. */
    ModelName model() {
        return model.orElseThrow();
    }

    TrustAnchors anchors() {
        return anchors;
    }

    /** Fingerprint of the vault's ceremony key. */
    Digest pin() throws IOException {
        return new Digest(Files.readString(operator().resolve("pin.txt")).strip());
    }

    /** Launch measurement of nodes of this build, in hex. */
    String measurement() {
        return measurement;
    }

    /** The only folder where plaintext may be. */
    Path owner() {
        return folders.owner();
    }

    /** Everything else: data, token, logs, home and temporary files of all processes. */
    Path rest() {
        return folders.rest();
    }

    Path operator() {
        return folders.path("operator");
    }

    Path auditor() {
        return folders.path("auditor");
    }

    Path vaultConfig() {
        return folders.path("vault.yaml");
    }

    Path vaultData() {
        return folders.path("vault");
    }

    Path vaultLog() {
        return folders.path("vault.log");
    }

    Path nodeData(int index) {
        return folders.path(prefix + "node-" + index);
    }

    Path nodeLog() {
        return folders.path(prefix + "node.log");
    }

    /** The folder of the token: configuration, PIN and object store. */
    Path tokenFolder() {
        return folders.path("token");
    }

    Path pinFile() {
        return Path.of(token.path("pinFile").asString());
    }

    /** Module, label, serial, pinFile, configuration: what {@code strongroom-sim token} printed. */
    JsonNode token() {
        return token;
    }

    /** The launchers with this world's environment. */
    Distribution distribution() {
        return distribution;
    }

    @Override
    public void close() throws IOException {
        nodes.forEach(Daemon::close);
        if (prefix.isEmpty()) {
            twins.forEach(Daemon::close);
            vault.ifPresent(Daemon::close);
            folders.close();
        }
    }
}
