package dev.strongroom.serving;

import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.LeaseRequester;
import dev.strongroom.enclave.lease.NodeMemory;
import dev.strongroom.enclave.lease.NodeSide;
import dev.strongroom.enclave.lease.VaultLink;
import dev.strongroom.enclave.lease.Version;
import dev.strongroom.enclave.load.SealedFiles;
import dev.strongroom.enclave.memory.MemoryProtectionException;
import dev.strongroom.enclave.posture.Fit;
import dev.strongroom.enclave.reseal.Resealing;
import dev.strongroom.serving.NodeConfig.Tenant;
import dev.strongroom.serving.NodeConfig.Wanted;
import dev.strongroom.serving.NodeException.Exit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code node reseal}: a process of the node's own image that puts a version under a new data key
 * and ends. Nodes that serve the version go on under the old key until they are restarted.
 */
final class ResealRun {
    private ResealRun() {}

    /**
     * Runs; the data folder is its own, not a serving node's.
     *
     * @throws NodeException with the exit code and what to do; the old seal is in force then
     */
    static Resealing.Done run(NodeConfig config, Guest guest, TrustAnchors anchors)
            throws NodeException {
        Fit fitness = Startup.requireFit(config);
        try (var folder = DataFolder.open(config.dataDir())) {
            return run(config, folder, guest, anchors, fitness);
        } catch (LeaseException | MemoryProtectionException | IOException e) {
            throw Startup.failed(e);
        }
    }

    private static Resealing.Done run(
            NodeConfig config, DataFolder folder, Guest guest, TrustAnchors anchors, Fit fitness)
            throws NodeException, LeaseException, MemoryProtectionException, IOException {
        Wanted wanted = only(config);
        Tenant tenant = config.tenantOf(wanted.name());
        var memory = new NodeMemory(folder.memory());
        memory.requireRoot(anchors.fingerprint());
        var random = new SecureRandom();
        try (var vault = VaultLink.open(Startup.address(config, tenant));
                var requester =
                        new LeaseRequester(
                                new NodeSide(
                                        vault,
                                        config.pin(),
                                        guest,
                                        anchors,
                                        fitness,
                                        memory,
                                        InstantSource.system(),
                                        random,
                                        config.owners(tenant),
                                        Optional.empty()))) {
            Version version = wanted.find(requester.versions(), requester.ownerId());
            Path files = folder.sealed(tenant.name());
            List<Path> sealed = new SealedFiles(files).fetch(vault, version.manifest());
            empty(folder.reseal());
            var resealing =
                    new Resealing(
                            vault, config.pin(), guest, fitness, InstantSource.system(), random);
            Resealing.Done done = resealing.run(requester.lease(version), sealed, folder.reseal());
            empty(folder.reseal());
            empty(files);
            return done;
        }
    }

    /** Refuses a configuration that it is not for, before anything else is done. */
    static Wanted only(NodeConfig config) throws NodeException {
        if (config.tenants().size() > 1) {
            throw new NodeException(
                    Exit.LOCAL,
                    "tenants: a version is sealed anew on a machine that was launched for its owner"
                            + " alone; write a file with identity and model of one tenant in place"
                            + " of tenants, and launch a machine with that owner's id as host data");
        }
        if (config.models().size() > 1) {
            throw new NodeException(
                    Exit.LOCAL, "models: expected one to seal anew; write a file for each");
        }
        return config.models().getFirst();
    }

    /** Only ciphertext is ever in there. */
    private static void empty(Path folder) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }
}
