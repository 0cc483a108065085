package dev.strongroom.serving.rest;

import dev.strongroom.serving.access.Door;
import dev.strongroom.serving.access.Threshold;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.ServingLimits;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The Open Inference Protocol, version 2, over HTTP/1.1: TLS 1.3 with the attested key, client
 * certificates of the vault's CA, and everything behind that as over gRPC.
 *
 * <p>Thread-safe. The owner closes it; calls under way get some seconds.
 */
public final class RestServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10); // to start and to end
    private static final Duration DRAIN = Duration.ofSeconds(30);
    private static final int HANDSHAKE_SECONDS = 20;
    private static final int LINE_BYTES = 4 << 10;
    private static final int HEADER_BYTES = 16 << 10;

    private final Vertx vertx;
    private final HttpServer server;
    private final RestService service;
    private final AtomicBoolean closed = new AtomicBoolean();

    private RestServer(Vertx vertx, HttpServer server, RestService service) {
        this.vertx = vertx;
        this.server = server;
        this.service = service;
    }

    /**
     * Starts to listen.
     *
     * @param port 0 is any free one
     * @param door that callers are let in by, over gRPC as well
     * @param path that inferences take; it outlives this server
     * @param serverVersion of this node
     */
    public static RestServer start(
            String host,
            int port,
            Door door,
            ServingLimits limits,
            InferencePath path,
            String serverVersion)
            throws IOException {
        var threshold = Threshold.of(door);
        Vertx vertx = vertx(limits.workers(), threshold);
        try {
            var trust = new LiveTrust(door.identity());
            var service =
                    new RestService(vertx, door, threshold, trust, limits, path, serverVersion);
            HttpServer server =
                    vertx.createHttpServer(options(door, trust))
                            .connectionHandler(service::connected)
                            .requestHandler(service::handle);
            get(server.listen(port, host).toCompletionStage().toCompletableFuture());
            return new RestServer(vertx, server, service);
        } catch (GeneralSecurityException e) {
            vertx.close();
            throw new IOException("this machine's TLS does not take the node's identity", e);
        } catch (IOException | RuntimeException e) {
            vertx.close();
            throw new IOException("cannot listen on " + host + ":" + port, e);
        }
    }

    /** One event loop; workers read what takes long to read. */
    private static Vertx vertx(int workers, Threshold threshold) {
        var options =
                new VertxOptions()
                        .setEventLoopPoolSize(1)
                        .setWorkerPoolSize(workers)
                        // Keeps Vert.x from unpacking files into the temp folder.
                        .setFileSystemOptions(
                                new FileSystemOptions()
                                        .setFileCachingEnabled(false)
                                        .setClassPathResolvingEnabled(false));
        return Vertx.builder().with(options).withTransport(new CountedTransport(threshold)).build();
    }

    private static HttpServerOptions options(Door door, LiveTrust trust) {
        return new HttpServerOptions()
                .setSsl(true)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                .setUseAlpn(false)
                .setKeyCertOptions(KeyCertOptions.wrap(door.identity()))
                .setTrustOptions(TrustOptions.wrap(trust))
                // Who comes without a certificate is told so.
                .setClientAuth(ClientAuth.REQUEST)
                .setSslHandshakeTimeout(HANDSHAKE_SECONDS)
                .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS)
                .setMaxInitialLineLength(LINE_BYTES)
                .setMaxHeaderSize(HEADER_BYTES);
    }

    public int port() {
        return server.actualPort();
    }

    /** New connections are closed at once, the others with their last answer. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        service.drain(DRAIN);
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .exceptionally(_ -> null)
                .join();
    }

    private static void get(CompletableFuture<?> started) throws IOException {
        try {
            started.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
