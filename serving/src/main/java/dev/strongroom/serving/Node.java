package dev.strongroom.serving;

import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.LeaseRequester;
import dev.strongroom.enclave.lease.NodeMemory;
import dev.strongroom.enclave.lease.ServingProof;
import dev.strongroom.enclave.lease.VaultLink;
import dev.strongroom.enclave.lease.Version;
import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.load.ModelOpener;
import dev.strongroom.enclave.load.SealedFiles;
import dev.strongroom.enclave.memory.MemoryProtectionException;
import dev.strongroom.enclave.posture.Fit;
import dev.strongroom.serving.NodeException.Exit;
import dev.strongroom.serving.engine.Engine;
import dev.strongroom.serving.engine.EngineOptions;
import dev.strongroom.serving.engine.UnservableModelException;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.rpc.EvidenceService;
import dev.strongroom.serving.rpc.InferenceService;
import dev.strongroom.serving.rpc.NodeServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node that serves one model: fit to hold plaintext, leased by the vault, opened in protected
 * memory, answering over attested TLS. The caller closes it; calls under way end first, then the
 * weights are zeroed.
 *
 * <p>Thread-safe.
 */
public final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final String PROTOCOL_VERSION = "0.1.0";

    private final String host;
    private final DataFolder folder;
    private final VaultLink vault;
    private final LeaseLife life;
    private final InferencePath inference;
    private final EvidenceService evidence;
    private final EvidenceCertificate certificate;
    private final NodeServer server;

    private Node(
            NodeConfig config,
            DataFolder folder,
            VaultLink vault,
            LeaseLife life,
            InferencePath inference,
            EvidenceService evidence,
            EvidenceCertificate certificate)
            throws IOException {
        Lease lease = life.grant().lease();
        this.folder = folder;
        this.vault = vault;
        this.host = config.listen().host();
        this.life = life;
        this.inference = inference;
        this.evidence = evidence;
        this.certificate = certificate;
        life.identity().attest(certificate);
        this.server =
                NodeServer.start(
                        new InetSocketAddress(host, config.listen().port()),
                        life.identity(),
                        life.withdrawnKeys(),
                        lease.model().tenant().value(),
                        lease.tee(),
                        config.limits(),
                        List.of(new InferenceService(inference, PROTOCOL_VERSION), evidence));
    }

    /**
     * Starts a node; returns when it serves.
     *
     * @param guest the confidential guest that this process runs in
     * @param anchors the roots that the vault must believe as well
     * @throws NodeException with the exit code and what to do
     */
    public static Node start(NodeConfig config, Guest guest, TrustAnchors anchors)
            throws NodeException {
        Fit fitness = Startup.requireFit(config);
        Thread.ofPlatform().name("engine-warm-up").daemon().start(Engine::warmUp);
        try {
            var folder = DataFolder.open(config.dataDir());
            try {
                return start(config, folder, guest, anchors, fitness);
            } catch (NodeException
                    | LeaseException
                    | MemoryProtectionException
                    | IOException
                    | RuntimeException
                    | Error e) {
                folder.close();
                throw e;
            }
        } catch (LeaseException | MemoryProtectionException | IOException e) {
            throw Startup.failed(e);
        }
    }

    private static Node start(
            NodeConfig config, DataFolder folder, Guest guest, TrustAnchors anchors, Fit fitness)
            throws NodeException, LeaseException, MemoryProtectionException, IOException {
        var memory = new NodeMemory(folder.memory());
        memory.requireRoot(anchors.fingerprint());
        VaultLink vault = VaultLink.open(Startup.address(config));
        try {
            var needs =
                    new LeaseLife.Needs(
                            vault, config.pin(), guest, anchors, memory, new SecureRandom());
            return start(config, folder, needs, fitness);
        } catch (NodeException
                | LeaseException
                | MemoryProtectionException
                | IOException
                | RuntimeException
                | Error e) {
            vault.close();
            throw e;
        }
    }

    private static Node start(
            NodeConfig config, DataFolder folder, LeaseLife.Needs needs, Fit fitness)
            throws NodeException, LeaseException, MemoryProtectionException, IOException {
        try (var requester =
                new LeaseRequester(
                        needs.vault(),
                        needs.pin(),
                        needs.guest(),
                        needs.anchors(),
                        fitness,
                        needs.memory(),
                        InstantSource.system(),
                        needs.random(),
                        config.agent())) {
            Version version =
                    requester.version(config.model(), config.version(), requester.ownerId());
            var files = new SealedFiles(folder.sealed());
            List<Path> sealed = files.fetch(needs.vault(), version.manifest());
            files.keepOnly(sealed);
            return open(config, folder, needs, fitness, requester.lease(version), sealed);
        }
    }

    /** {@code host:port} that clients reach this node at. */
    public String address() {
        return host + ":" + server.port();
    }

    /** The lease it serves under now. */
    public Lease lease() {
        return life.grant().lease();
    }

    public Tee tee() {
        return lease().tee();
    }

    @Override
    public void close() {
        server.close();
        inference.close();
        evidence.close();
        certificate.close();
        life.close();
        vault.close();
        folder.close();
        LOG.info("node.closed model={} version={}", lease().model(), lease().versionNumber());
    }

    private static Node open(
            NodeConfig config,
            DataFolder folder,
            LeaseLife.Needs needs,
            Fit fitness,
            LeaseRequester.Released released,
            List<Path> sealed)
            throws NodeException, LeaseException, MemoryProtectionException, IOException {
        LoadedModel loaded =
                ModelOpener.open(
                        released, sealed, config.loading().protection(), fitness, config.threads());
        Engine engine;
        try {
            Fingerprint.put(needs.vault(), released.grant(), loaded);
            engine =
                    Engine.open(
                            loaded,
                            new EngineOptions(
                                    1, config.loading().profile(fitness), folder.scratch()));
        } catch (UnservableModelException e) {
            loaded.close();
            throw new NodeException(Exit.LOCAL, String.valueOf(e.getMessage()), e);
        } catch (LeaseException | IOException | RuntimeException | Error e) {
            loaded.close();
            throw e;
        }
        LeaseLife life = LeaseLife.begin(needs, released.grant(), engine, loaded);
        return serve(config, folder, needs.vault(), life, engine);
    }

    private static Node serve(
            NodeConfig config, DataFolder folder, VaultLink vault, LeaseLife life, Engine engine)
            throws IOException {
        Lease lease = life.grant().lease();
        String name = lease.model().toString();
        String version = Long.toString(lease.versionNumber());
        var served = new ServedModel(name, version, engine, life.model());
        var inference = new InferencePath(ServedModels.only(served), Guard.OPEN, config.limits());
        var proof = new ServingProof(life::grant, life.clientsLane());
        var evidence = new EvidenceService(name, proof, life.model());
        var certificate = EvidenceCertificate.start(life::grant, proof);
        try {
            var node = new Node(config, folder, vault, life, inference, evidence, certificate);
            LOG.info(
                    "node.serving address={} model={} version={} tee={} lease-leaf={}",
                    node.address(),
                    name,
                    lease.versionNumber(),
                    lease.tee().label(),
                    lease.auditLeaf());
            return node;
        } catch (IOException | RuntimeException e) {
            inference.close();
            evidence.close();
            certificate.close();
            life.close();
            throw e;
        }
    }
}
