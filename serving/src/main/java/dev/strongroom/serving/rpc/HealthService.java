package dev.strongroom.serving.rpc;

import dev.strongroom.proto.health.HealthCheckRequest;
import dev.strongroom.proto.health.HealthCheckResponse;
import dev.strongroom.proto.health.HealthCheckResponse.ServingStatus;
import dev.strongroom.proto.health.HealthGrpc.HealthImplBase;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.Lasting;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.ServedModel;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * gRPC health checking, of the node (an empty name, or the inference service's) and of each model
 * by its name. What it says is looked up when it is asked: a lease that has ended, a model that has
 * gone and a node that stops are not serving from that moment on. Who watches hears of it within
 * some milliseconds.
 *
 * <p>Thread-safe. The owner closes it before the server.
 */
public final class HealthService extends HealthImplBase implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HealthService.class);
    private static final long LOOK_MILLIS = 100;
    private static final Set<String> NODE = Set.of("", GRPCInferenceServiceGrpc.SERVICE_NAME);

    private final InferencePath path;
    private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();
    private final ScheduledThreadPoolExecutor watch =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().name("health").daemon().factory());
    private volatile boolean closed;

    private HealthService(InferencePath path) {
        this.path = path;
    }

    /**
     * Begins to look for those who watch.
     *
     * @param path whose models it speaks of
     */
    public static HealthService start(InferencePath path) {
        var health = new HealthService(path);
        var _ =
                health.watch.scheduleWithFixedDelay(
                        Lasting.look(LOG, "health.not_looked", health::look),
                        LOOK_MILLIS,
                        LOOK_MILLIS,
                        TimeUnit.MILLISECONDS);
        return health;
    }

    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
        Caller caller = Connections.caller();
        Replies.answer(
                observer,
                () ->
                        answer(
                                status(caller, request.getService())
                                        .orElseThrow(() -> unknown(request.getService()))));
    }

    @Override
    public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
        if (!(observer instanceof ServerCallStreamObserver<HealthCheckResponse> call)) {
            throw new IllegalArgumentException("not a server's observer");
        }
        var watcher = new Watcher(Connections.caller(), request.getService(), call);
        call.setOnCancelHandler(() -> watchers.remove(watcher));
        watchers.add(watcher);
        watcher.look();
        if (closed) {
            end(watcher); // it may have come after the last look
        }
    }

    /** Tells all who watch that the node stops. */
    @Override
    public void close() {
        closed = true;
        watch.shutdownNow();
        watchers.forEach(this::end);
    }

    private void look() {
        watchers.forEach(Watcher::look);
    }

    private void end(Watcher watcher) {
        if (watchers.remove(watcher)) {
            watcher.end();
        }
    }

    /** Empty for what this caller is not to know of. */
    private Optional<ServingStatus> status(Caller caller, String service) {
        var models = path.models(caller).inForce().stream();
        if (NODE.contains(service)) {
            return Optional.of(status(models.anyMatch(ServedModel::ready)));
        }
        return models.filter(model -> model.name().equals(service))
                .findFirst()
                .map(model -> status(model.ready()));
    }

    private ServingStatus status(boolean ready) {
        return ready && path.open() && !closed ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    }

    private static HealthCheckResponse answer(ServingStatus status) {
        return HealthCheckResponse.newBuilder().setStatus(status).build();
    }

    private static RefusedException unknown(String service) {
        return new RefusedException(
                Status.Code.NOT_FOUND,
                "SERVICE_UNKNOWN",
                "'%s' is nothing that is served here (expected: nothing, or tenant/name of a model)"
                        .formatted(InferenceRequest.echo(service)));
    }

    /** One who hears of changes; told nothing while he does not read. */
    private final class Watcher {
        private final Caller caller;
        private final String service;
        private final ServerCallStreamObserver<HealthCheckResponse> observer;
        private Optional<ServingStatus> said = Optional.empty();
        private boolean ended;

        Watcher(
                Caller caller,
                String service,
                ServerCallStreamObserver<HealthCheckResponse> observer) {
            this.caller = caller;
            this.service = service;
            this.observer = observer;
        }

        synchronized void look() {
            ServingStatus now = status(caller, service).orElse(ServingStatus.SERVICE_UNKNOWN);
            if (!ended && !said.equals(Optional.of(now)) && observer.isReady()) {
                said = Optional.of(now);
                send(() -> observer.onNext(answer(now)));
            }
        }

        synchronized void end() {
            look();
            ended = true;
            send(() -> observer.onError(RefusedException.draining().status()));
        }

        private void send(Runnable message) {
            try {
                message.run();
            } catch (RuntimeException gone) {
                LOG.debug("health.not_wanted", gone);
                watchers.remove(this);
            }
        }
    }
}
