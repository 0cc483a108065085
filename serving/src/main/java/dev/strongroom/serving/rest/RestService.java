package dev.strongroom.serving.rest;

import dev.strongroom.serving.access.CallSlots.Kind;
import dev.strongroom.serving.access.Door;
import dev.strongroom.serving.access.Ends;
import dev.strongroom.serving.access.Peer;
import dev.strongroom.serving.access.Threshold;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.Description;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.ServingLimits;
import io.grpc.Status;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * What becomes of connections and requests.
 *
 * <p>For the event loop, but for {@link #drain}.
 */
final class RestService {
    private final Vertx vertx;
    private final Door door;
    private final Threshold threshold;
    private final LiveTrust trust;
    private final Description description;
    private final Inferences inferences;
    private final Map<HttpConnection, RestConnection> open = new ConcurrentHashMap<>();
    private volatile Optional<CountDownLatch> draining = Optional.empty();

    RestService(
            Vertx vertx,
            Door door,
            Threshold threshold,
            LiveTrust trust,
            ServingLimits limits,
            InferencePath path,
            String serverVersion) {
        this.vertx = vertx;
        this.door = door;
        this.threshold = threshold;
        this.trust = trust;
        this.description = new Description(path, serverVersion);
        this.inferences = new Inferences(vertx, limits, path);
    }

    void connected(HttpConnection connection) {
        Optional<X509Certificate> certificate = certificate(connection);
        Optional<Ends> ends = ends(connection);
        Context loop = vertx.getOrCreateContext();
        Peer peer =
                door.peers()
                        .enter(
                                certificate,
                                ends.map(Ends::from),
                                within -> loop.runOnContext(_ -> retire(connection, within)));
        if (certificate.isPresent()) {
            ends.ifPresent(at -> threshold.recognise(at, peer.tenant()));
        }
        var known =
                new RestConnection(
                        vertx,
                        connection,
                        peer,
                        door.connections(),
                        () -> ends.ifPresent(threshold::end));
        open.put(connection, known);
        connection.closeHandler(_ -> {
            open.remove(connection);
            known.closed();
            door.peers().leave(peer);
            draining.filter(_ -> open.isEmpty()).ifPresent(CountDownLatch::countDown);
        });
        if (draining.isPresent()) {
            known.close();
        }
    }

    private void retire(HttpConnection connection, Duration within) {
        Optional.ofNullable(open.get(connection)).ifPresent(known -> known.retire(within));
    }

    void handle(HttpServerRequest request) {
        RestConnection connection = open.get(request.connection());
        if (connection == null) {
            return; // it has ended
        }
        var exchange = new Exchange(vertx, connection, request, door.tee().label());
        connection.begin(exchange);
        request.pause();
        try {
            serve(exchange);
        } catch (RefusedException e) {
            exchange.refuse(e);
        } catch (RuntimeException | Error e) {
            exchange.refuse(RefusedException.unexpected(e));
        }
    }

    private void serve(Exchange exchange) throws RefusedException {
        HttpServerRequest request = exchange.request();
        Optional<Route> found = Route.find(request.path());
        Caller caller =
                door.access()
                        .judge(
                                found.map(Route::kind).orElse(Route.Kind.SERVER).rule(),
                                exchange.connection().peer());
        Route route = found.orElseThrow(Route::notFound);
        route.requireMethod(request.method());
        refusePages(request);
        Kind kind = route.kind().infers() ? Kind.INFERENCE : Kind.DESCRIBING;
        door.calls().take(kind, caller);
        exchange.hold(() -> door.calls().give(kind, caller));
        if (route.kind().infers()) {
            inferences.take(exchange, caller, route);
        } else {
            request.resume();
            exchange.send(describe(caller, route));
        }
    }

    /** A browser would show the certificate of its user to whoever's page asks it to. */
    private static void refusePages(HttpServerRequest request) throws RefusedException {
        if (request.headers().contains("origin")) {
            throw new RefusedException(
                    Status.Code.PERMISSION_DENIED,
                    "ORIGIN_DENIED",
                    "web pages may not call a node; have your own server call it");
        }
    }

    private Reply describe(Caller caller, Route route) throws RefusedException {
        return switch (route.kind()) {
            case LIVE ->
                    Reply.json(200, Json.object(json -> json.writeBooleanProperty("live", true)));
            case READY -> ready("", description.ready(caller));
            case SERVER -> Reply.json(200, Json.server(description.server()));
            case MODEL ->
                    Reply.json(
                            200,
                            Json.model(description.model(caller, route.model(), route.version())));
            case MODEL_READY ->
                    ready(route.model(), description.ready(caller, route.model(), route.version()));
            case INFER, GENERATE, GENERATE_STREAM ->
                    throw new IllegalArgumentException("an inference");
        };
    }

    /** The protocol's word for no is any status of the 400s. */
    private static Reply ready(String model, boolean ready) {
        return Reply.json(
                ready ? 200 : 400,
                Json.object(json -> {
                    if (!model.isEmpty()) {
                        json.writeStringProperty("name", model);
                    }
                    json.writeBooleanProperty("ready", ready);
                }));
    }

    private Optional<X509Certificate> certificate(HttpConnection connection) {
        try {
            return trust.believed(
                    connection.peerCertificates().stream()
                            .map(X509Certificate.class::cast)
                            .toArray(X509Certificate[]::new));
        } catch (SSLPeerUnverifiedException anonymous) {
            return Optional.empty();
        }
    }

    private static Optional<Ends> ends(HttpConnection connection) {
        SocketAddress local = connection.localAddress(true);
        SocketAddress remote = connection.remoteAddress(true);
        return local == null || remote == null
                ? Optional.empty()
                : Optional.of(new Ends(address(local), address(remote)));
    }

    private static InetSocketAddress address(SocketAddress end) {
        return new InetSocketAddress(end.hostAddress(), end.port());
    }

    /** By another thread: ends connections with their last answer, and waits for that. */
    void drain(Duration patience) {
        var ended = new CountDownLatch(1);
        draining = Optional.of(ended);
        var loop = vertx.getOrCreateContext();
        loop.runOnContext(_ -> {
            List.copyOf(open.values()).forEach(RestConnection::retire);
            if (open.isEmpty()) {
                ended.countDown();
            }
        });
        try {
            if (!ended.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                open.values().forEach(connection -> loop.runOnContext(_ -> connection.close()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
