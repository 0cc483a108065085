package dev.strongroom.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Posture;
import dev.strongroom.crypto.format.AliasName;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.serving.generate.GenerationLimits;
import dev.strongroom.serving.infer.PeerLimits;
import dev.strongroom.serving.infer.RunSettings;
import dev.strongroom.testkit.ConfigurationPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeConfigTest {
    private static final String NEEDED =
            """
            vault: 127.0.0.1:7410
            identity: {ca: /id/ca.pem, cert: /id/cert.pem, key: /id/key.pem}
            pin: %s
            model: acme/net
            dataDir: /var/lib/node
            """
                    .formatted("ab".repeat(32));

    private static final String SEVERAL = NEEDED.replace("model: acme/net\n", "");

    @TempDir private Path folder;

    @Test
    void theConfigurationPageShowsEveryKeyAndItsDefault() throws Exception {
        var page = ConfigurationPage.of("Node");
        var shown = NodeConfig.read(page.in(folder));
        var otherwise = NodeConfig.read(file(NEEDED));
        assertThat(shown.limits()).isEqualTo(otherwise.limits());
        assertThat(shown.generation()).isEqualTo(otherwise.generation());
        assertThat(shown.loading()).isEqualTo(otherwise.loading());
        assertThat(shown.posture()).isEqualTo(otherwise.posture());
        assertThat(shown.listen()).isEqualTo(otherwise.listen());
        for (String section :
                List.of("%s", "limits: {%s}", "generate: {%s}", "run: {%s}", "identity: {%s}")) {
            Path unknown = file(section.formatted("nonsense: 1") + "\n");
            assertThatThrownBy(() -> NodeConfig.read(unknown))
                    .satisfies(fault ->
                            assertThat(page.lacks(String.valueOf(fault.getMessage()))).isEmpty());
        }
    }

    @Test
    void fillsInWhatIsNotNeeded() throws Exception {
        var config = NodeConfig.read(file(NEEDED));
        assertThat(config.vault()).isEqualTo("127.0.0.1:7410");
        assertThat(config.models())
                .containsExactly(
                        new NodeConfig.Wanted(
                                ModelName.parse("acme/net"),
                                Optional.empty(),
                                0,
                                Duration.ZERO,
                                new RunSettings(config.threads(), 1, 8)));
        assertThat(config.rest()).isEmpty();
        assertThat(config.listen()).isEqualTo(new NodeConfig.Listen("127.0.0.1", 0));
        assertThat(config.threads()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(config.limits().messageBytes()).isEqualTo(64 << 20);
        assertThat(config.limits().peers().reflection()).isEqualTo(PeerLimits.Reflection.OFF);
        assertThat(config.loading().kind()).isEqualTo(Loading.Kind.SINGLE_COPY);
        assertThat(config.loading().protection()).isEqualTo(Protection.LOCKED);
        assertThat(config.loading().memoryBytes()).isGreaterThan(1 << 30);
        assertThat(config.posture()).isEqualTo(Posture.BASE);
        assertThat(config.generation()).isEqualTo(GenerationLimits.STANDARD);
        assertThat(config.metrics()).isEmpty();
    }

    @Test
    void takesEverythingThatIsGiven() throws Exception {
        var config =
                NodeConfig.read(
                        file(
                                NEEDED
                                        + """
                                        version: 3
                                        listen: {host: 0.0.0.0, port: 7420}
                                        metrics: {port: 9464}
                                        threads: 4
                                        run: {threads: 2}
                                        profile: fast
                                        protect: secretmem
                                        memoryBytes: 1000000
                                        runBytes: 2000000
                                        limits: {messageBytes: 1048576, queued: 5, batchRows: 16, idleMillis: 7000, workingBytes: 99, connectionsPerAddress: 3, reflection: on}
                                        generate: {cacheBytes: 1000, sequences: 2, seconds: 3}
                                        posture: hardened
                                        """));
        assertThat(config.models().getFirst().version()).isEqualTo(3);
        assertThat(config.models().getFirst().run()).isEqualTo(new RunSettings(4, 2, 16));
        assertThat(config.listen()).isEqualTo(new NodeConfig.Listen("0.0.0.0", 7420));
        assertThat(config.metrics()).contains(new NodeConfig.Listen("127.0.0.1", 9464));
        assertThat(config.loading())
                .isEqualTo(new Loading(Loading.Kind.FAST, Protection.SECRET, 1_000_000, 2_000_000));
        assertThat(config.limits().workers()).isEqualTo(4);
        assertThat(config.limits().queued()).isEqualTo(5);
        assertThat(config.generation())
                .isEqualTo(new GenerationLimits(1000, 2, 4096, Duration.ofSeconds(3)));
        assertThat(config.limits().peers().idle()).hasSeconds(7);
        assertThat(config.limits().workingBytes()).isEqualTo(99);
        assertThat(config.limits().peers().connectionsPerAddress()).isEqualTo(3);
        assertThat(config.limits().peers().reflection()).isEqualTo(PeerLimits.Reflection.ON);
        assertThat(config.posture()).isEqualTo(Posture.HARDENED);
    }

    @Test
    void takesAnAliasInPlaceOfAVersion() throws Exception {
        var config = NodeConfig.read(file(NEEDED.replace("acme/net", "acme/net@production")));
        var wanted = config.models().getFirst();
        assertThat(wanted.name()).isEqualTo(ModelName.parse("acme/net"));
        assertThat(wanted.alias()).contains(new AliasName("production"));
        for (String more : List.of("version: 2", "follow: 5")) {
            assertThatThrownBy(() ->
                            NodeConfig.read(
                                    file(NEEDED.replace("acme/net", "acme/net@production") + more)))
                    .hasMessageContaining("expected an alias, or version and follow");
        }
        for (String name :
                List.of("acme/net@", "acme/net@2", "acme/net@latest", "net@production")) {
            assertThatThrownBy(() -> NodeConfig.read(file(NEEDED.replace("acme/net", name))))
                    .hasMessageContaining("tenant/name[@alias]");
        }
    }

    @Test
    void takesSeveralModelsOfOneTenant() throws Exception {
        var config =
                NodeConfig.read(
                        file(
                                SEVERAL
                                        + """
                                        threads: 4
                                        models:
                                          - {model: acme/net, version: 2}
                                          - {model: acme/other, follow: 30, run: {atOnce: 1, batchRows: 2}}
                                        rest: {host: 0.0.0.0, port: 8443}
                                        """));
        assertThat(config.models())
                .containsExactly(
                        new NodeConfig.Wanted(
                                ModelName.parse("acme/net"),
                                Optional.empty(),
                                2,
                                Duration.ZERO,
                                new RunSettings(4, 1, 8)),
                        new NodeConfig.Wanted(
                                ModelName.parse("acme/other"),
                                Optional.empty(),
                                0,
                                Duration.ofSeconds(30),
                                new RunSettings(1, 1, 2)));
        assertThat(config.rest()).contains(new NodeConfig.Listen("0.0.0.0", 8443));
    }

    @Test
    void refusesModelsThatDoNotGoTogether() throws Exception {
        var tenants = file(SEVERAL + "models: [{model: acme/a}, {model: other/b}]\n");
        assertThatThrownBy(() -> NodeConfig.read(tenants))
                .hasMessageContaining(
                        "expected those of one tenant; list several, with their owners");
        var twice = file(SEVERAL + "models: [{model: acme/a}, {model: acme/a, version: 2}]\n");
        assertThatThrownBy(() -> NodeConfig.read(twice)).hasMessageContaining("each model once");
        var both = file(NEEDED + "models: [{model: acme/a}]\n");
        assertThatThrownBy(() -> NodeConfig.read(both))
                .hasMessageContaining("beside models; write it into the list");
        var run = file(SEVERAL + "run: {threads: 2}\nmodels: [{model: acme/a}]\n");
        assertThatThrownBy(() -> NodeConfig.read(run))
                .hasMessageContaining("run: beside models; write it into the list");
        var fixed = file(SEVERAL + "models: [{model: acme/a, version: 2, follow: 5}]\n");
        assertThatThrownBy(() -> NodeConfig.read(fixed))
                .hasMessageContaining("a fixed one has no later one");
    }

    private static final String ACME = "a".repeat(64);
    private static final String GLOBEX = "b".repeat(64);

    @Test
    void takesModelsOfSeveralTenantsWithTheirOwners() throws Exception {
        NodeConfig config =
                NodeConfig.read(
                        file(
                                tenants(tenant("acme", ACME), tenant("globex", GLOBEX))
                                        + "models: [{model: globex/a}, {model: acme/b}]\n"));
        NodeConfig.Tenant acme = config.tenantOf(ModelName.parse("acme/b"));
        assertThat(acme.identity().cert()).hasFileName("acme.pem");
        assertThat(config.owners(acme))
                .contains(NodeOwners.among(new Digest(ACME), List.of(new Digest(GLOBEX))));
        assertThat(config.owners(config.tenantOf(ModelName.parse("globex/a"))).orElseThrow())
                .isEqualTo(NodeOwners.among(new Digest(GLOBEX), List.of(new Digest(ACME))));
    }

    @Test
    void severalTenantsOfOneOwnerMakeANodeOfHisAlone() throws Exception {
        NodeConfig config =
                NodeConfig.read(
                        file(
                                tenants(tenant("acme", ACME), tenant("acme-2", ACME))
                                        + "models: [{model: acme/a}, {model: acme-2/b}]\n"));
        assertThat(config.owners(config.tenants().getFirst()))
                .contains(NodeOwners.alone(new Digest(ACME)));
    }

    @Test
    void refusesTenantsThatDoNotGoTogether() throws Exception {
        String models = "models: [{model: acme/a}]\n";
        assertFault(
                tenants(tenant("acme", ACME), tenant("acme", GLOBEX)) + models, "each tenant once");
        assertFault(tenants(tenant("globex", GLOBEX)) + models, "those of the tenants listed");
        assertFault(
                tenants(tenant("acme", ACME)) + models + "agent: 127.0.0.1:1\n",
                "agent: beside tenants");
        assertFault(
                tenants(tenant("acme", ACME)) + models + "identity: {ca: a, cert: b, key: c}\n",
                "identity: beside tenants");
        assertFault(tenants(tenant("acme", "me")) + models, "64 lower-case hex digits");
        String[] nine =
                IntStream.range(0, 9)
                        .mapToObj(i -> tenant("t" + i, Integer.toString(i).repeat(64)))
                        .toArray(String[]::new);
        assertFault(tenants(nine) + "models: [{model: t0/a}]\n", "tenants: expected 1 to 8");
    }

    private void assertFault(String text, String fault) throws IOException {
        Path file = file(text);
        assertThatThrownBy(() -> NodeConfig.read(file)).hasMessageContaining(fault);
    }

    private static String tenant(String name, String owner) {
        return "{tenant: %s, owner: \"%s\", identity: {ca: /ca.pem, cert: /%s.pem, key: /key.pem}}"
                .formatted(name, owner, name);
    }

    private static String tenants(String... each) {
        return SEVERAL.lines()
                .filter(line -> !line.startsWith("identity"))
                .collect(
                        Collectors.joining(
                                "\n", "", "\ntenants: [" + String.join(", ", each) + "]\n"));
    }

    @Test
    void listsEveryFaultTogether() throws IOException {
        var file =
                file(
                        """
                        vault: here
                        identity: {ca: relative.pem, cert: /c, other: /o}
                        pin: abc
                        model: Acme
                        version: -1
                        listen: {port: 70000}
                        threads: none
                        profile: faster
                        protect: well
                        extra: 1
                        """);
        assertThatThrownBy(() -> NodeConfig.read(file))
                .isInstanceOfSatisfying(
                        NodeException.class,
                        e -> assertThat(e.exit()).isEqualTo(NodeException.Exit.LOCAL))
                .message()
                .contains("13 fault(s)")
                .contains("vault: expected HOST:PORT")
                .contains("identity.ca: expected an absolute path")
                .contains("identity.key: missing")
                .contains("identity.other: unknown key")
                .contains("pin: expected 64 lower-case hex digits")
                .contains("model: expected tenant/name")
                .contains("version: expected a number")
                .contains("listen.port: expected a number from 0 to 65535")
                .contains("profile: expected single-copy or fast")
                .contains("protect: expected locked or secretmem")
                .contains("threads: expected a number")
                .contains("dataDir: missing")
                .contains("extra: unknown key");
    }

    @Test
    void refusesMessagesThatTheHeapHasNoRoomFor() throws Exception {
        Path standard = file(NEEDED);
        assertThatThrownBy(() -> ConfigFile.read(standard, 256 << 20))
                .hasMessageContaining("1 fault(s)")
                .hasMessageContaining("limits.messageBytes: expected messages of at most 33554432")
                .hasMessageContaining("a heap of 268435456 bytes, got 67174400")
                .hasMessageContaining("-Xmx577m");
        assertThat(ConfigFile.read(standard, 1 << 30).limits().heapBytes()).isEqualTo(1 << 30);
        Path large = file(NEEDED + "limits: {messageBytes: 268435456}\n");
        assertThatThrownBy(() -> ConfigFile.read(large, 1 << 30))
                .hasMessageContaining("limits.messageBytes");
        assertThat(ConfigFile.read(large, 3L << 30).limits().messageBytes()).isEqualTo(256 << 20);
    }

    @Test
    void saysWhenThereIsNoFileOrNoYaml() throws IOException {
        assertThatThrownBy(() -> NodeConfig.read(folder.resolve("none.yaml")))
                .hasMessageContaining("no such file");
        var garbage = file("a: [");
        assertThatThrownBy(() -> NodeConfig.read(garbage)).hasMessageContaining("not YAML");
        var empty = file("");
        assertThatThrownBy(() -> NodeConfig.read(empty)).hasMessageContaining("expected keys");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("node.yaml"), text);
    }
}
