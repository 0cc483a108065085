package dev.strongroom.e2e;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.sim.demo.Daemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A node that a {@link Deployment} does not look after, so that a test decides how it is launched.
 *
 * @param world folder of its chip
 * @param hostData the owner id it is launched for, in hex
 * @param data its data folder
 * @param launch further decisions of the host, such as {@code --debug-guest}
 */
record HandmadeNode(
        Deployment deployment,
        Tenant tenant,
        ModelName model,
        long version,
        Path world,
        String hostData,
        Path data,
        List<String> launch) {
    HandmadeNode {
        launch = List.copyOf(launch);
    }

    /** One that the deployment itself could have started, in a data folder of its own. */
    static HandmadeNode of(Deployment deployment, ModelName model) throws IOException {
        Tenant tenant = deployment.tenant(model.tenant().value());
        return new HandmadeNode(
                deployment,
                tenant,
                model,
                0,
                deployment.rest().resolve("world"),
                tenant.ownerId().hex(),
                Files.createTempDirectory(deployment.rest(), "handmade-"),
                List.of());
    }

    HandmadeNode ofVersion(long number) {
        return new HandmadeNode(deployment, tenant, model, number, world, hostData, data, launch);
    }

    HandmadeNode onChipOf(Path otherWorld) {
        return new HandmadeNode(
                deployment, tenant, model, version, otherWorld, hostData, data, launch);
    }

    HandmadeNode launchedFor(String otherOwner) {
        return new HandmadeNode(
                deployment, tenant, model, version, world, otherOwner, data, launch);
    }

    HandmadeNode on(Path otherData) {
        return new HandmadeNode(
                deployment, tenant, model, version, world, hostData, otherData, launch);
    }

    HandmadeNode launched(String... options) {
        return new HandmadeNode(
                deployment, tenant, model, version, world, hostData, data, List.of(options));
    }

    /** Runs it to its end: for nodes that must not start. */
    Outcome refused() throws IOException, InterruptedException {
        return deployment.distribution().run(words());
    }

    /** Starts it; the caller closes it. */
    Daemon started(Launch how) throws IOException, InterruptedException {
        return deployment
                .distribution()
                .start(data.resolveSibling(data.getFileName() + ".log"), how, words());
    }

    /** Starts it and ends it again. */
    void requireServing() throws IOException, InterruptedException {
        started(Launch.plain()).close();
    }

    private List<String> words() throws IOException {
        var words = new ArrayList<String>();
        words.addAll(List.of("./strongroom-sim", "--world", world.toString(), "node"));
        words.addAll(List.of("--host-data", hostData));
        words.addAll(launch);
        words.addAll(List.of("--config", writeConfig().toString()));
        return words;
    }

    /** Writes the configuration that its command line names. */
    Path writeConfig() throws IOException {
        return Files.writeString(
                data.resolveSibling(data.getFileName() + ".yaml"),
                """
                vault: %s
                identity: {ca: %4$s/ca.pem, cert: %4$s/cert.pem, key: %4$s/key.pem}
                pin: %s
                model: %s
                version: %5$d
                dataDir: %6$s
                """
                        .formatted(
                                deployment.vault().field("grpc"),
                                deployment.pin().hex(),
                                model,
                                tenant.node(),
                                version,
                                data));
    }
}
