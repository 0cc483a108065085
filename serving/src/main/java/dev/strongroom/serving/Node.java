package dev.strongroom.serving;

import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.NodeMemory;
import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.enclave.memory.MemoryProtectionException;
import dev.strongroom.enclave.posture.Fit;
import dev.strongroom.serving.access.Door;
import dev.strongroom.serving.access.WithdrawnKeys;
import dev.strongroom.serving.engine.Engine;
import dev.strongroom.serving.infer.GenerationRoom;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.rest.RestServer;
import dev.strongroom.serving.rpc.EvidenceService;
import dev.strongroom.serving.rpc.HealthService;
import dev.strongroom.serving.rpc.InferenceService;
import dev.strongroom.serving.rpc.NodeServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node that serves models of one owner, or of several who allow each other: fit to hold
 * plaintext, leased by the vault, opened in protected memory, answering over attested TLS. Where it
 * is told to follow, it opens each later version beside the one in force before calls go to it. The
 * caller closes it; calls under way end first, then the weights are zeroed.
 *
 * <p>Thread-safe.
 */
public final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final String PROTOCOL_VERSION = "0.1.0";

    private final String host;
    private final String restHost;
    private final DataFolder folder;
    private final NodeNeeds needs;
    private final NodeModels models;
    private final NodeMetrics metrics;
    private final GenerationRoom room;
    private final InferencePath inference;
    private final HealthService health;
    private final EvidenceService evidence;
    private final Optional<EvidenceCertificate> certificate;
    private final NodeServer server;
    private final Optional<RestServer> rest;

    private Node(
            NodeConfig config,
            DataFolder folder,
            NodeNeeds needs,
            NodeModels models,
            NodeMetrics metrics,
            GenerationRoom room)
            throws IOException {
        this.folder = folder;
        this.needs = needs;
        this.models = models;
        this.metrics = metrics;
        this.host = config.listen().host();
        this.restHost = config.rest().map(NodeConfig.Listen::host).orElse("");
        this.room = room;
        this.inference = new InferencePath(models, models.guards(), config.limits(), room);
        this.health = HealthService.start(inference);
        this.evidence = new EvidenceService(models);
        CurrentLife current = models.current();
        this.certificate =
                models.ofOnlyModel().map(proof -> EvidenceCertificate.start(current::grant, proof));
        certificate.ifPresent(current.get().identity()::attest);
        needs.withdrawn().listen(this::report);
        needs.withdrawn().keptBy(tenant -> models.anyLease(tenant).isPresent());
        try {
            Door door = door(config, current.get());
            this.server = listen(config, door);
            this.rest = rest(config, door);
        } catch (IOException | RuntimeException e) {
            closeServices();
            throw e;
        }
        models.watch();
    }

    private void report(WithdrawnKeys.Use use) {
        models.anyLease(use.tenant())
                .ifPresent(lease ->
                        needs.of(lease.model())
                                .vault()
                                .guards()
                                .reportRefusedKey(lease, use.key(), use.source()));
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
        try {
            return Optional.of(
                    RestServer.start(
                            at.host(),
                            at.port(),
                            door,
                            config.limits(),
                            inference,
                            PROTOCOL_VERSION));
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private Door door(NodeConfig config, LeaseLife first) {
        return Door.of(
                first.identity(),
                needs.withdrawn(),
                needs.tenants().stream()
                        .map(TenantName::value)
                        .collect(Collectors.toUnmodifiableSet()),
                first.grant().lease().tee(),
                config.limits(),
                models.connections());
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
        var needs = NodeNeeds.open(config, guest, anchors, memory);
        try {
            var room =
                    new GenerationRoom(
                            config.generation(),
                            new LockedHeap(
                                    config.generation().cacheBytes(),
                                    config.loading().protection(),
                                    fitness),
                            needs.random());
            return load(config, folder, needs, room, fitness, times);
        } catch (NodeException
                | LeaseException
                | MemoryProtectionException
                | IOException
                | RuntimeException
                | Error e) {
            needs.close();
            throw e;
        }
    }

    private static Node load(
            NodeConfig config,
            DataFolder folder,
            NodeNeeds needs,
            GenerationRoom room,
            Fit fitness,
            StartTimes times)
            throws NodeException, LeaseException, MemoryProtectionException, IOException {
        NodeMetrics metrics = NodeMetrics.start(config.metrics());
        try {
            var models = NodeModels.load(config, folder, needs, fitness, metrics.registry(), times);
            metrics.observe(models);
            return serve(config, folder, needs, models, metrics, room, times);
        } catch (NodeException
                | LeaseException
                | MemoryProtectionException
                | IOException
                | RuntimeException
                | Error e) {
            metrics.close();
            throw e;
        }
    }

    private static Node serve(
            NodeConfig config,
            DataFolder folder,
            NodeNeeds needs,
            NodeModels models,
            NodeMetrics metrics,
            GenerationRoom room,
            StartTimes times)
            throws IOException {
        var node = new Node(config, folder, needs, models, metrics, room);
        times.ended("serving");
        Lease lease = node.lease();
        LOG.info(
                "node.serving address={} model={} version={} tee={} lease-leaf={}",
                node.address(),
                lease.model(),
                lease.versionNumber(),
                lease.tee().label(),
                lease.auditLeaf());
        node.metricsAddress().ifPresent(at -> LOG.info("node.metrics address={}", at));
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

    /** {@code host:port} of its metrics; empty when it is not configured. */
    public Optional<String> metricsAddress() {
        return metrics.address();
    }

    /** {@code tenant/name:version} of each that is in memory now. */
    public List<String> models() {
        return models.summary();
    }

    /** The lease that it serves its first model under. */
    public Lease lease() {
        return models.current().grant().lease();
    }

    public Tee tee() {
        return lease().tee();
    }

    @Override
    public void close() {
        models.stop();
        rest.ifPresent(RestServer::close);
        health.close();
        server.close();
        closeServices();
        metrics.close();
        needs.close();
        folder.close();
        LOG.info("node.closed model={} version={}", lease().model(), lease().versionNumber());
    }

    private void closeServices() {
        health.close();
        inference.close();
        evidence.close();
        certificate.ifPresent(EvidenceCertificate::close);
        models.close();
        room.caches().close();
    }
}
