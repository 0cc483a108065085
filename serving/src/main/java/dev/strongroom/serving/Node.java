package dev.strongroom.serving;

import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.enclave.lease.GuestLanes;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.MonotonicClock;
import dev.strongroom.enclave.lease.NodeMemory;
import dev.strongroom.enclave.lease.ServingProof;
import dev.strongroom.enclave.lease.VaultLink;
import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.enclave.memory.MemoryProtectionException;
import dev.strongroom.enclave.posture.Fit;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.access.Door;
import dev.strongroom.serving.access.WithdrawnKeys;
import dev.strongroom.serving.engine.Engine;
import dev.strongroom.serving.infer.GenerationRoom;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.models.ModelRegistry;
import dev.strongroom.serving.models.Resident;
import dev.strongroom.serving.rest.RestServer;
import dev.strongroom.serving.rpc.EvidenceService;
import dev.strongroom.serving.rpc.HealthService;
import dev.strongroom.serving.rpc.InferenceService;
import dev.strongroom.serving.rpc.NodeServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node that serves one model: fit to hold plaintext, leased by the vault, opened in protected
 * memory, answering over attested TLS. Where it is told to follow, it opens each later version
 * beside the one in force before calls go to it. The caller closes it; calls under way end first,
 * then the weights are zeroed.
 *
 * <p>Thread-safe.
 */
public final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final String PROTOCOL_VERSION = "0.1.0";

    private final String host;
    private final String restHost;
    private final DataFolder folder;
    private final LeaseLife.Needs needs;
    private final ModelLoader loader;
    private final CurrentLife current;
    private final ModelRegistry models;
    private final GuardLife guard;
    private final GenerationRoom room;
    private final InferencePath inference;
    private final HealthService health;
    private final EvidenceService evidence;
    private final EvidenceCertificate certificate;
    private final NodeServer server;
    private final Optional<RestServer> rest;
    private final VersionWatch watch;

    private Node(
            NodeConfig config,
            DataFolder folder,
            LeaseLife.Needs needs,
            ModelLoader loader,
            GenerationRoom room,
            LeaseLife first)
            throws NodeException, IOException {
        this.folder = folder;
        this.needs = needs;
        this.loader = loader;
        this.host = config.listen().host();
        this.restHost = config.rest().map(NodeConfig.Listen::host).orElse("");
        this.current = new CurrentLife(first);
        this.models = new ModelRegistry(config.loading().memoryBytes());
        models.put(resident(first));
        this.guard = GuardLife.begin(current, needs, folder, new SimpleMeterRegistry());
        this.room = room;
        this.inference = new InferencePath(models, guard.guard(), config.limits(), room);
        this.health = HealthService.start(inference);
        var proof = new ServingProof(current::grant, current::standing, needs.lanes().clients());
        this.evidence = new EvidenceService(config.model().toString(), proof, current);
        this.certificate = EvidenceCertificate.start(current::grant, proof);
        first.identity().attest(certificate);
        Door door = door(config, first);
        try {
            this.server = listen(config, door);
        } catch (IOException | RuntimeException e) {
            closeServices();
            throw e;
        }
        try {
            this.rest = rest(config, door);
        } catch (IOException | RuntimeException e) {
            server.close();
            closeServices();
            throw e;
        }
        this.watch = VersionWatch.start(config.follow(), this::follow);
    }

    private NodeServer listen(NodeConfig config, Door door) throws IOException {
        return NodeServer.start(
                new InetSocketAddress(host, config.listen().port()),
                door,
                config.limits(),
                List.of(new InferenceService(inference, PROTOCOL_VERSION), evidence, health));
    }

    private Optional<RestServer> rest(NodeConfig config, Door door) throws IOException {
        if (config.rest().isEmpty()) {
            return Optional.empty();
        }
        NodeConfig.Listen at = config.rest().get();
        return Optional.of(
                RestServer.start(
                        at.host(), at.port(), door, config.limits(), inference, PROTOCOL_VERSION));
    }

    private Door door(NodeConfig config, LeaseLife first) {
        return Door.of(
                first.identity(),
                needs.withdrawn(),
                config.model().tenant().value(),
                first.grant().lease().tee(),
                config.limits(),
                ConnectionLimits.of(guard.policy()));
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
        var times = new StartTimes();
        Fit fitness = Startup.requireFit(config);
        times.ended("fit");
        Thread.ofPlatform().name("engine-warm-up").daemon().start(Engine::warmUp);
        try {
            var folder = DataFolder.open(config.dataDir());
            try {
                return start(config, folder, guest, anchors, fitness, times);
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
            NodeConfig config,
            DataFolder folder,
            Guest guest,
            TrustAnchors anchors,
            Fit fitness,
            StartTimes times)
            throws NodeException, LeaseException, MemoryProtectionException, IOException {
        var memory = new NodeMemory(folder.memory());
        memory.requireRoot(anchors.fingerprint());
        VaultLink vault = VaultLink.open(Startup.address(config));
        try {
            var needs =
                    new LeaseLife.Needs(
                            vault,
                            config.pin(),
                            new GuestLanes(guest, MonotonicClock::nanos),
                            anchors,
                            memory,
                            new WithdrawnKeys(),
                            new SecureRandom());
            var loader = new ModelLoader(config, folder, needs, fitness);
            var room =
                    new GenerationRoom(
                            config.generation(),
                            new LockedHeap(
                                    config.generation().cacheBytes(),
                                    config.loading().protection(),
                                    fitness),
                            needs.random());
            return serve(config, folder, needs, loader, room, times);
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

    private static Node serve(
            NodeConfig config,
            DataFolder folder,
            LeaseLife.Needs needs,
            ModelLoader loader,
            GenerationRoom room,
            StartTimes times)
            throws NodeException, LeaseException, MemoryProtectionException, IOException {
        var node = new Node(config, folder, needs, loader, room, loader.first(times));
        times.ended("serving");
        Lease lease = node.lease();
        LOG.info(
                "node.serving address={} model={} version={} tee={} lease-leaf={}",
                node.address(),
                lease.model(),
                lease.versionNumber(),
                lease.tee().label(),
                lease.auditLeaf());
        LOG.info("node.started {}", times);
        return node;
    }

    /** {@code host:port} that clients reach this node at. */
    public String address() {
        return host + ":" + server.port();
    }

    /** {@code host:port} that clients reach it at over HTTP; empty when it is not configured. */
    public Optional<String> restAddress() {
        return rest.map(server -> restHost + ":" + server.port());
    }

    /** The lease it serves under now. */
    public Lease lease() {
        return current.grant().lease();
    }

    public Tee tee() {
        return lease().tee();
    }

    @Override
    public void close() {
        watch.close();
        rest.ifPresent(RestServer::close);
        health.close();
        server.close();
        closeServices();
        needs.vault().close();
        folder.close();
        LOG.info("node.closed model={} version={}", lease().model(), lease().versionNumber());
    }

    private void closeServices() {
        health.close();
        inference.close();
        guard.close();
        evidence.close();
        certificate.close();
        models.close();
        room.caches().close();
    }

    /** From here on calls go to the later version; the other one ends with its last call. */
    private void follow()
            throws NodeException,
                    LeaseException,
                    MemoryProtectionException,
                    IOException,
                    InterruptedException {
        LeaseLife before = current.get();
        Optional<LeaseLife> later = loader.later(before, models);
        if (later.isEmpty()) {
            return;
        }
        LeaseLife next = later.get();
        try {
            guard.follow(next);
        } catch (NodeException | IOException | RuntimeException e) {
            loader.refused(next);
            next.close();
            throw e;
        }
        models.put(resident(next));
        current.become(next);
        next.identity().present(next.grant().tlsChain());
        loader.keepOnly(next);
        LOG.info(
                "version.followed model={} version={} before={} lease-leaf={}",
                next.grant().lease().model(),
                next.grant().lease().versionNumber(),
                before.grant().lease().versionNumber(),
                next.grant().lease().auditLeaf());
    }

    private Resident resident(LeaseLife life) {
        Lease lease = life.grant().lease();
        var served =
                new ServedModel(
                        lease.model().toString(),
                        Long.toString(lease.versionNumber()),
                        life.engine(),
                        life.model(),
                        life.receipts(),
                        life.generation());
        return new Resident(served, loader.needed(life), life::close);
    }
}
