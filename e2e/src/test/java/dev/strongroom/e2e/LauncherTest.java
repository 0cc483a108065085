package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two launchers, and that README.md tells the truth about them. */
class LauncherTest {
    private static final int DENIED = 4;

    @TempDir private Path folder;
    private Distribution distribution;

    @BeforeEach
    void find() {
        distribution = Distribution.built(folder);
    }

    @Test
    void aNodeWithoutATrustedExecutionEnvironmentSaysSo() throws Exception {
        assumeThat(Path.of("/sys/kernel/config/tsm/report")).doesNotExist();
        Path config = folder.resolve("node.yaml");
        Files.writeString(
                config,
                """
                vault: 127.0.0.1:1
                identity: {ca: /nowhere/ca.pem, cert: /nowhere/cert.pem, key: /nowhere/key.pem}
                pin: %s
                model: acme/model
                dataDir: %s
                """
                        .formatted("0".repeat(64), folder.resolve("data")));

        Outcome outcome = run("./strongroom", "node", "--config", config.toString());

        assertThat(outcome.exit()).isEqualTo(DENIED);
        assertThat(outcome.err()).contains("trusted execution environment", "./strongroom-sim");
        assertThat(outcome.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"vault", "node", "doctor"})
    void theSimulatedWorldWantsAWorld(String command) throws Exception {
        Outcome outcome = run("./strongroom-sim", command);

        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(outcome.err()).contains("./strongroom-sim world DIR");
    }

    @Test
    void aWorldIsMadeOnce() throws Exception {
        String world = folder.resolve("world").toString();
        run("./strongroom-sim", "world", world).succeeded();

        Outcome again = run("./strongroom-sim", "world", world);

        assertThat(again.exit()).isEqualTo(1);
        assertThat(again.err()).contains("a world is made once");
    }

    @Test
    void noOptionBringsTheSimulatedWorldIntoProduction() throws Exception {
        String world = folder.resolve("world").toString();
        run("./strongroom-sim", "world", world).succeeded();

        Outcome outcome = run("./strongroom", "--world", world, "version", "-o", "json");

        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(run("./strongroom", "version", "-o", "json").succeeded().field("tee"))
                .isEqualTo("hardware");
    }

    @Test
    void everyCommandThatTheReadmeNamesExists() throws Exception {
        String readme = Files.readString(distribution.root().resolve("README.md"));
        String help = run("./strongroom", "--help").succeeded().out();
        Matcher named = Pattern.compile("`\\./strongroom ([a-z]+)").matcher(readme);
        List<String> commands = named.results().map(match -> match.group(1)).distinct().toList();

        assertThat(commands).contains("vault", "node", "model");
        assertThat(commands)
                .filteredOn(command ->
                        !List.of(
                                        "vault", "node", "tune", "witness", "agent", "demo", "test",
                                        "bench", "redteam")
                                .contains(command))
                .allSatisfy(command -> assertThat(help).containsPattern("(?m)^ +" + command));
        assertThat(run("./strongroom", "vault", "--help").succeeded().out())
                .contains("vault init --config", "vault run --config");
    }

    @Test
    void theFirstLookAtAMachineHasNoNoise() throws Exception {
        Outcome outcome = run("./strongroom", "doctor", "--context", folder.toString());
        assertThat(outcome.out()).contains("guest interfaces");
        assertThat(outcome.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"vault", "node", "tune", "agent", "witness"})
    void everyProcessHasHelp(String process) throws Exception {
        assertThat(run("./strongroom", process, "--help").succeeded().out())
                .contains("usage:", process + " ", "--config FILE");
        assertThat(run("./strongroom", "--help").succeeded().out()).contains(process);
    }

    @Test
    void whatRunsUnattendedIsTheTestCommandOfTheReadme() throws Exception {
        String readme = Files.readString(distribution.root().resolve("README.md"));
        List<String> lines = Files.readAllLines(distribution.root().resolve(".ci/run"));

        assertThat(readme).contains("    ./strongroom test ");
        assertThat(lines).last().isEqualTo("exec ./strongroom test");
    }

    @Test
    void aDamagedStartCacheIsPassedOverInSilence() throws Exception {
        Path cache = Path.of(System.getProperty("strongroom.dist")).resolve("cli/start.aot");
        Files.writeString(cache, "not what the JVM wrote");
        try {
            Outcome outcome = run("./strongroom", "version", "-o", "json").succeeded();

            assertThat(outcome.field("tee")).isEqualTo("hardware");
            assertThat(outcome.err()).isEmpty();
        } finally {
            Files.delete(cache);
        }
    }

    private Outcome run(String... command) throws Exception {
        return distribution.run(List.of(command));
    }
}
