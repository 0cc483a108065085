package dev.strongroom.serving;

import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import dev.strongroom.serving.infer.Statistics.Figures;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToLongFunction;

/**
 * Rates by model and tier, in Prometheus' text form: what was asked and what became of it, never
 * who asked nor anything of a question or an answer. Without authentication, and only where it is
 * configured; there is one route, and everything else is 404.
 *
 * <p>Thread-safe. The owner closes it.
 */
final class NodeMetrics implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MAX_HEADER_BYTES = 4096;
    private static final int IDLE_SECONDS = 30;
    private static final String ROUTE = "/metrics";
    private static final String FORM = "text/plain; version=0.0.4; charset=utf-8";

    /** Where somebody reads them. */
    private record Endpoint(
            PrometheusMeterRegistry registry, Vertx vertx, HttpServer server, String host) {}

    private final MeterRegistry registry;
    private final Optional<Endpoint> endpoint;
    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private volatile Optional<ServedModels> models = Optional.empty();

    private NodeMetrics(Optional<NodeConfig.Listen> at) throws IOException {
        this.endpoint = at.isEmpty() ? Optional.empty() : Optional.of(listen(at.get()));
        this.registry =
                endpoint.<MeterRegistry>map(Endpoint::registry).orElseGet(SimpleMeterRegistry::new);
    }

    /**
     * Begins to count.
     *
     * @param at where to listen; empty: nowhere, and nobody reads what is counted
     */
    static NodeMetrics start(Optional<NodeConfig.Listen> at) throws IOException {
        return new NodeMetrics(at);
    }

    /** What is counted in. */
    MeterRegistry registry() {
        return registry;
    }

    /** {@code host:port}; empty when it is not configured. */
    Optional<String> address() {
        return endpoint.map(open -> open.host() + ":" + open.server().actualPort());
    }

    /** Counts what becomes of inferences of these, whichever are served when somebody reads. */
    void observe(ServedModels served) {
        models = Optional.of(served);
    }

    private Endpoint listen(NodeConfig.Listen at) throws IOException {
        var prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(prometheus);
        Vertx vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(1)
                                .setWorkerPoolSize(1)
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
                            .requestHandler(request -> answer(request, prometheus))
                            .listen(at.port(), at.host())
                            .toCompletionStage()
                            .toCompletableFuture()
                            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return new Endpoint(prometheus, vertx, server, at.host());
        } catch (ExecutionException | TimeoutException e) {
            vertx.close();
            throw new IOException("cannot listen on " + at.host() + ":" + at.port(), e);
        } catch (InterruptedException e) {
            vertx.close();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting to listen", e);
        }
    }

    private void answer(HttpServerRequest request, PrometheusMeterRegistry prometheus) {
        if (!request.method().equals(HttpMethod.GET) || !ROUTE.equals(request.path())) {
            request.response().setStatusCode(404).end();
            return;
        }
        models.ifPresent(served -> served.inForce().forEach(model -> count(prometheus, model)));
        request.response().putHeader("content-type", FORM).end(prometheus.scrape());
    }

    private void count(MeterRegistry prometheus, ServedModel model) {
        if (known.add(model.name())) {
            count(prometheus, model.name(), "answered", Figures::answered);
            count(prometheus, model.name(), "refused", Figures::refused);
        }
    }

    /** Of the version in force: a later one begins at zero, which Prometheus takes as a restart. */
    private void count(
            MeterRegistry prometheus, String name, String outcome, ToLongFunction<Figures> figure) {
        FunctionCounter.builder("strongroom.inferences", this, _ -> sum(name, figure))
                .description("Requests that fitted the model, by what became of them")
                .tag("model", name)
                .tag("outcome", outcome)
                .register(prometheus);
    }

    private double sum(String name, ToLongFunction<Figures> figure) {
        return models.stream()
                .flatMap(served -> served.inForce().stream())
                .filter(model -> model.name().equals(name))
                .mapToLong(model -> figure.applyAsLong(model.statistics().figures()))
                .sum();
    }

    @Override
    public void close() {
        endpoint.ifPresent(open ->
                open.vertx()
                        .close()
                        .toCompletionStage()
                        .toCompletableFuture()
                        .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                        .exceptionally(_ -> null)
                        .join());
        registry.close();
    }
}
