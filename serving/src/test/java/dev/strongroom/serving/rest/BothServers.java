package dev.strongroom.serving.rest;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceFutureStub;
import dev.strongroom.serving.access.ConnectionLimits;
import dev.strongroom.serving.access.Door;
import dev.strongroom.serving.access.LiveIdentity;
import dev.strongroom.serving.access.LiveLimits;
import dev.strongroom.serving.access.TestAuthority;
import dev.strongroom.serving.access.TestAuthority.Issued;
import dev.strongroom.serving.access.WithdrawnKeys;
import dev.strongroom.serving.engine.OpenedModel;
import dev.strongroom.serving.infer.Admission;
import dev.strongroom.serving.infer.GenerationRoom;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.infer.ServingLimits;
import dev.strongroom.serving.rpc.InferenceService;
import dev.strongroom.serving.rpc.NodeServer;
import dev.strongroom.serving.rpc.TestPeers;
import io.grpc.ManagedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A model behind both transports of a node, over real TLS. */
final class BothServers implements AutoCloseable {
    static final String MODEL = "acme/net";
    private static final char[] NO_PASSWORD = new char[0];

    private final TestPeers peers = new TestPeers();
    final TestAuthority ca = peers.ca();
    final WithdrawnKeys withdrawn = peers.withdrawn();
    final LiveIdentity identity = peers.node();
    final AtomicReference<Optional<Admission.Refusal>> refusal =
            new AtomicReference<>(Optional.empty());

    /** Whoever holds it holds up all inferences. */
    final Semaphore gate = new Semaphore(1);

    private final AtomicReference<ConnectionLimits> rules;
    private final Map<String, ConnectionLimits> rulesOf = new ConcurrentHashMap<>();
    private final LiveLimits live;
    private final OpenedModel opened;
    private final InferencePath path;
    private final NodeServer grpc;
    private final RestServer rest;
    private final List<Runnable> clients = new ArrayList<>(); // their ends

    BothServers(
            byte[] graph,
            Path scratch,
            Guard guard,
            ServingLimits limits,
            ConnectionLimits connections)
            throws Exception {
        this(
                OpenedModel.of(graph, scratch),
                limits,
                connections,
                Optional.empty(),
                models -> new InferencePath(models, guard, limits));
    }

    private BothServers(
            OpenedModel opened,
            ServingLimits limits,
            ConnectionLimits connections,
            Optional<Admission> lease,
            Function<ServedModels, InferencePath> paths)
            throws Exception {
        this.opened = opened;
        path =
                paths.apply(
                        ServedModels.only(
                                new ServedModel(
                                        MODEL, "3", opened.engine(), lease.orElseGet(Lease::new))));
        rules = new AtomicReference<>(connections);
        live = new LiveLimits(rules::get, tenant -> rulesOf.getOrDefault(tenant, rules.get()));
        Door door = peers.door(limits, live);
        grpc = TestPeers.serve(door, limits, new InferenceService(path, "0.1.0"));
        rest = RestServer.start("127.0.0.1", 0, door, limits, path, "0.1.0");
    }

    /** A decoder and room for its sequences. */
    static BothServers generating(
            byte[] graph, Path scratch, ServingLimits limits, GenerationRoom room, Admission lease)
            throws Exception {
        return generating(
                graph, scratch, limits, ConnectionLimits.of(OutputPolicy.standard()), room, lease);
    }

    static BothServers generating(
            byte[] graph,
            Path scratch,
            ServingLimits limits,
            ConnectionLimits connections,
            GenerationRoom room,
            Admission lease)
            throws Exception {
        return new BothServers(
                OpenedModel.of(graph, scratch),
                limits,
                connections,
                Optional.of(lease),
                models -> new InferencePath(models, Guard.OPEN, limits, room));
    }

    /** Says what the test wants. */
    private final class Lease implements Admission {
        @Override
        public Optional<Refusal> take() {
            gate.acquireUninterruptibly();
            gate.release();
            return Objects.requireNonNull(refusal.get());
        }

        @Override
        public Optional<Refusal> refusal() {
            return Objects.requireNonNull(refusal.get());
        }

        @Override
        public Optional<Refusal> interruption() {
            return Optional.empty();
        }
    }

    /** The owner has signed other rules. */
    void revise(ConnectionLimits connections) {
        rules.set(connections);
        live.revise();
    }

    /** One owner of several has. */
    void revise(String tenant, ConnectionLimits connections) {
        rulesOf.put(tenant, connections);
        live.revise();
    }

    RestServer rest() {
        return rest;
    }

    /** With one connection of its own, as long as its calls come one after another. */
    HttpClient http(Optional<Issued> id) throws Exception {
        HttpClient client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .sslContext(tls(id))
                        .build();
        clients.add(client::shutdownNow);
        return client;
    }

    SSLContext tls(Optional<Issued> id) throws Exception {
        KeyStore roots = KeyStore.getInstance("PKCS12");
        roots.load(null, NO_PASSWORD);
        roots.setCertificateEntry("ca", ca.certificate());
        var trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(roots);
        var context = SSLContext.getInstance("TLS");
        context.init(
                id.isEmpty() ? new KeyManager[0] : keys(id.get()), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyManager[] keys(Issued id) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        store.setKeyEntry("client", id.key(), NO_PASSWORD, id.chain().toArray(Certificate[]::new));
        var keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, NO_PASSWORD);
        return keys.getKeyManagers();
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                        java.net.URI.create("https://127.0.0.1:" + rest.port() + path))
                .timeout(Duration.ofSeconds(30));
    }

    /** A connection of which a test sends what it wants. */
    Socket socket(Issued id) throws Exception {
        return socket(id, 1 << 16);
    }

    /**
     * @param bytes that wait at the client's end, more or less
     */
    Socket socket(Issued id, int bytes) throws Exception {
        Socket socket = tls(Optional.of(id)).getSocketFactory().createSocket();
        socket.setReceiveBufferSize(bytes);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), rest.port()));
        socket.setSoTimeout(30_000);
        return socket;
    }

    GRPCInferenceServiceBlockingStub stub(Issued id) {
        return GRPCInferenceServiceGrpc.newBlockingStub(channel(id));
    }

    GRPCInferenceServiceFutureStub future(Issued id) {
        return GRPCInferenceServiceGrpc.newFutureStub(channel(id));
    }

    ManagedChannel channel(Issued id) {
        ManagedChannel channel = peers.channel(grpc, id).build();
        clients.add(channel::shutdownNow);
        return channel;
    }

    @Override
    public void close() {
        clients.forEach(Runnable::run);
        rest.close();
        grpc.close();
        path.close();
        opened.close();
    }
}
