package dev.strongroom.vault.admin;

import dev.strongroom.vault.VaultConfig.Listener;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Health and metrics, without authentication and therefore on loopback by default. There are two
 * routes; everything else is 404.
 *
 * <p>Thread-safe.
 */
public final class HttpEndpoint implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MAX_HEADER_BYTES = 4096;
    private static final int IDLE_SECONDS = 30;

    private final Vertx vertx;
    private final HttpServer server;
    private final String host;

    private HttpEndpoint(Vertx vertx, HttpServer server, String host) {
        this.vertx = vertx;
        this.server = server;
        this.host = host;
    }

    /**
     * Starts to listen.
     *
     * @param health asked at each /healthz; may block for a short time
     */
    public static HttpEndpoint start(
            Listener listener, PrometheusMeterRegistry metrics, Supplier<Health> health)
            throws IOException {
        Vertx vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(1)
                                .setWorkerPoolSize(2)
                                // Keeps Vert.x from unpacking files into the temp folder.
                                .setFileSystemOptions(
                                        new FileSystemOptions()
                                                .setFileCachingEnabled(false)
                                                .setClassPathResolvingEnabled(false)));
        try {
            HttpServer server =
                    vertx.createHttpServer(
                                    new HttpServerOptions()
                                            .setMaxHeaderSize(MAX_HEADER_BYTES)
                                            .setIdleTimeout(IDLE_SECONDS))
                            .requestHandler(routes(vertx, metrics, health))
                            .listen(listener.port(), listener.host())
                            .toCompletionStage()
                            .toCompletableFuture()
                            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return new HttpEndpoint(vertx, server, listener.host());
        } catch (ExecutionException | TimeoutException e) {
            vertx.close();
            throw new IOException("cannot listen on " + listener.host() + ":" + listener.port(), e);
        } catch (InterruptedException e) {
            vertx.close();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting to listen", e);
        }
    }

    static Router routes(Vertx vertx, PrometheusMeterRegistry metrics, Supplier<Health> health) {
        Router router = Router.router(vertx);
        router.get("/healthz")
                .blockingHandler(
                        request -> {
                            Health found = health.get();
                            request.response()
                                    .setStatusCode(found.isOk() ? 200 : 503)
                                    .putHeader("content-type", "application/json")
                                    .end(found.json());
                        },
                        false);
        router.get("/metrics")
                .blockingHandler(
                        request ->
                                request.response()
                                        .putHeader(
                                                "content-type",
                                                "text/plain; version=0.0.4; charset=utf-8")
                                        .end(metrics.scrape()),
                        false);
        // Another method on a route of ours is no route either.
        router.errorHandler(405, request -> request.response().setStatusCode(404).end());
        return router;
    }

    /** {@code host:port}. */
    public String address() {
        return host + ":" + server.actualPort();
    }

    @Override
    public void close() {
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .exceptionally(_ -> null)
                .join();
    }
}
