package dev.strongroom.e2e;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.sim.demo.Daemon;
import dev.strongroom.testkit.ChipPolicy;
import dev.strongroom.testkit.Eventually;
import dev.strongroom.testkit.ReservedPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * A deployment whose vault asks a witness, which is a process of the built distribution like all
 * others. The auditor demands the witness, and so does each model that is {@link #permit}ted here.
 * Closing ends everything.
 */
final class WitnessedWorld implements AutoCloseable {
    final Deployment world;
    private final Path config;

    /** The vault's configuration names it before the witness knows the vault's log. */
    private final ReservedPort port = new ReservedPort();

    private final String key;
    private Optional<Daemon> running = Optional.empty();

    /**
     * @param limits of the vault's configuration
     */
    static WitnessedWorld create(String limits) throws Exception {
        Deployment world = Deployment.withoutVault();
        try {
            return new WitnessedWorld(world, limits);
        } catch (Exception | Error e) {
            world.close();
            throw e;
        }
    }

    private WitnessedWorld(Deployment world, String limits) throws Exception {
        this.world = world;
        this.config = world.rest().resolve("witness.yaml");
        configure(List.of());
        this.key = command("init").field("key");
        world.configureVault(
                "witnesses: [{url: \"http://127.0.0.1:%d\", key: \"%s\"}]%nlimits: %s"
                        .formatted(port.number(), key, limits));
        world.initialiseVault();
        world.startVault(Launch.plain());
        world.newTenant("acme");
        world.identity("auditor", "eve", world.auditor());
        restart(List.of(log().field("log_key")));
        Files.writeString(world.auditor().resolve("witnesses.txt"), key + "\n");
    }

    /** Sets a policy by which no node gets the key without the witness. */
    void permit(ModelName model) throws IOException {
        String policy = ChipPolicy.draft(world.measurement()).json().strip();
        String demand = ",\"witnesses\":{\"threshold\":1,\"keys\":[\"%s\"]}}".formatted(key);
        world.permit(model, policy.substring(0, policy.length() - 1) + demand);
    }

    /** What an auditor sees of the log, witness or not. */
    Outcome log() {
        return world.command(world.operator(), "audit", "verify", "-o", "json").succeeded();
    }

    /** Waits until the auditor sees a checkpoint that the witness cosigned. */
    void awaitCosigned() throws Exception {
        var _ =
                Eventually.first(
                        () -> world.command(world.auditor(), "audit", "verify"),
                        seen -> seen.exit() == 0);
    }

    /** Ends the witness and starts it for the logs that are given by their keys. */
    void restart(List<String> logs) throws IOException, InterruptedException {
        running.ifPresent(Daemon::close);
        configure(logs);
        command("admit");
        running =
                Optional.of(world.distribution().start(witnessLog(), Launch.plain(), words("run")));
    }

    Path witnessLog() {
        return world.rest().resolve("witness.log");
    }

    private Outcome command(String name) throws IOException, InterruptedException {
        return world.distribution().run(words(name)).succeeded();
    }

    private List<String> words(String name) {
        var words = new ArrayList<String>();
        words.addAll(List.of("./strongroom", "witness", name, "--config", config.toString()));
        return words;
    }

    private void configure(List<String> logs) throws IOException {
        Files.writeString(
                config,
                "dataDir: %s%nname: witness.example/w1%nlisten: {port: %d}%nlogs: %s%n"
                        .formatted(
                                world.rest().resolve("witness"),
                                port.number(),
                                JsonMapper.shared().writeValueAsString(logs)));
    }

    @Override
    public void close() throws IOException {
        running.ifPresent(Daemon::close);
        port.close();
        world.close();
    }
}
