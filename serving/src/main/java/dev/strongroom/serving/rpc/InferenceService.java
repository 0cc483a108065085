package dev.strongroom.serving.rpc;

import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.proto.inference.ModelMetadataRequest;
import dev.strongroom.proto.inference.ModelMetadataResponse;
import dev.strongroom.proto.inference.ModelMetadataResponse.TensorMetadata;
import dev.strongroom.proto.inference.ModelReadyRequest;
import dev.strongroom.proto.inference.ModelReadyResponse;
import dev.strongroom.proto.inference.ServerLiveRequest;
import dev.strongroom.proto.inference.ServerLiveResponse;
import dev.strongroom.proto.inference.ServerMetadataRequest;
import dev.strongroom.proto.inference.ServerMetadataResponse;
import dev.strongroom.proto.inference.ServerReadyRequest;
import dev.strongroom.proto.inference.ServerReadyResponse;
import dev.strongroom.serving.engine.InferenceException;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.TensorSignature;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * The Open Inference Protocol, version 2. Inferences run on a bounded pool of their own, never on a
 * thread that serves connections; what finds the pool and its queue full is refused at once.
 *
 * <p>Thread-safe. The owner closes it; calls under way end first.
 */
public final class InferenceService extends GRPCInferenceServiceImplBase implements AutoCloseable {
    private static final String PLATFORM = "onnx_onnxv1";
    private static final long DRAIN_SECONDS = 30; // a single inference is far below
    private static final long MESSAGES_IN_MEMORY = 4; // of the largest size; small ones many more

    private final ServedModels models;
    private final RpcLimits limits;
    private final String serverVersion;
    private final ThreadPoolExecutor pool;
    private final AtomicLong waitingBytes = new AtomicLong();

    public InferenceService(ServedModels models, RpcLimits limits, String serverVersion) {
        this.models = models;
        this.limits = limits;
        this.serverVersion = serverVersion;
        this.pool =
                new ThreadPoolExecutor(
                        limits.workers(),
                        limits.workers(),
                        0,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(limits.queued()),
                        Thread.ofPlatform().name("inference-", 0).factory());
    }

    @Override
    public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> observer) {
        Replies.send(observer, ServerLiveResponse.newBuilder().setLive(true).build());
    }

    @Override
    public void serverReady(
            ServerReadyRequest request, StreamObserver<ServerReadyResponse> observer) {
        Replies.send(observer, ServerReadyResponse.newBuilder().setReady(ready()).build());
    }

    @Override
    public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> observer) {
        Replies.answer(
                observer,
                () -> {
                    try (var hold = hold(request.getName(), request.getVersion())) {
                        boolean ready = ready(hold.model());
                        return ModelReadyResponse.newBuilder().setReady(ready).build();
                    }
                });
    }

    @Override
    public void serverMetadata(
            ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> observer) {
        Replies.send(
                observer,
                ServerMetadataResponse.newBuilder()
                        .setName("strongroom")
                        .setVersion(serverVersion)
                        .build());
    }

    @Override
    public void modelMetadata(
            ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> observer) {
        Replies.answer(
                observer,
                () -> {
                    try (var hold = hold(request.getName(), request.getVersion())) {
                        return metadata(hold.model());
                    }
                });
    }

    @Override
    public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> observer) {
        long bytes = request.getSerializedSize();
        if (waitingBytes.addAndGet(bytes) > MESSAGES_IN_MEMORY * limits.messageBytes()) {
            waitingBytes.addAndGet(-bytes);
            observer.onError(overloaded().status());
            return;
        }
        Context caller = Context.current();
        Runnable work =
                caller.wrap(() -> {
                    try {
                        if (!caller.isCancelled()) { // else nobody waits any more
                            Replies.answer(observer, () -> infer(request));
                        }
                    } finally {
                        waitingBytes.addAndGet(-bytes);
                    }
                });
        try {
            pool.execute(work);
        } catch (RejectedExecutionException full) {
            waitingBytes.addAndGet(-bytes);
            observer.onError(overloaded().status());
        }
    }

    /** Refuses new inferences and waits for those under way. */
    @Override
    public void close() {
        pool.shutdown();
        try {
            if (!pool.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS)) {
                pool.shutdownNow();
            }
        } catch (InterruptedException e) {
            pool.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private ModelInferResponse infer(ModelInferRequest request) throws RefusedException {
        try (var hold = hold(request.getModelName(), request.getModelVersion())) {
            return infer(request, hold.model());
        }
    }

    private ModelInferResponse infer(ModelInferRequest request, ServedModel model)
            throws RefusedException {
        var decoded =
                InferenceRequest.decode(request, model.engine().inputs(), model.engine().outputs());
        requireOpen(model.admission().take());
        List<Tensor> answers = run(model, decoded);
        requireOpen(model.admission().interruption());
        return InferenceAnswer.encode(
                model, request.getId(), decoded, answers, limits.messageBytes());
    }

    private static void requireOpen(Optional<Admission.Refusal> ended) throws RefusedException {
        if (ended.isPresent()) {
            var refusal = ended.get();
            throw new RefusedException(
                    Status.Code.UNAVAILABLE, refusal.reason(), refusal.message());
        }
    }

    private static List<Tensor> run(ServedModel model, InferenceRequest request)
            throws RefusedException {
        try {
            return model.engine().run(request.inputs(), request.outputs());
        } catch (InferenceException e) {
            requireOpen(model.admission().interruption());
            throw switch (e.fault()) {
                case INPUT -> RefusedException.invalid("INPUT_REFUSED", message(e));
                case CLOSED -> new RefusedException(Status.Code.UNAVAILABLE, "CLOSED", message(e));
                case ENGINE ->
                        new RefusedException(Status.Code.INTERNAL, "INFERENCE_FAILED", message(e));
            };
        }
    }

    private static String message(InferenceException e) {
        return String.valueOf(e.getMessage());
    }

    private boolean ready() {
        return models.inForce().stream().anyMatch(this::ready);
    }

    private boolean ready(ServedModel model) {
        return !pool.isShutdown() && model.admission().refusal().isEmpty();
    }

    private ServedModels.Hold hold(String name, String version) throws RefusedException {
        return models.hold(name, version).orElseThrow(() -> notServed(name, version));
    }

    private RefusedException notServed(String name, String version) {
        Optional<ServedModel> inForce =
                models.inForce().stream().filter(model -> model.name().equals(name)).findFirst();
        return inForce.map(model ->
                        new RefusedException(
                                Status.Code.NOT_FOUND,
                                "VERSION_NOT_FOUND",
                                "version '%s' of model '%s' is not served here (expected: %s or none)"
                                        .formatted(
                                                InferenceRequest.echo(version),
                                                model.name(),
                                                model.version())))
                .orElseGet(() ->
                        new RefusedException(
                                Status.Code.NOT_FOUND,
                                "MODEL_NOT_FOUND",
                                "model '%s' is not served here (expected: %s)"
                                        .formatted(InferenceRequest.echo(name), names())));
    }

    private String names() {
        return models.inForce().stream().map(ServedModel::name).collect(Collectors.joining(", "));
    }

    private RefusedException overloaded() {
        return new RefusedException(
                Status.Code.RESOURCE_EXHAUSTED,
                "OVERLOADED",
                "this node runs %d inferences at a time and lets %d wait; try again later"
                        .formatted(limits.workers(), limits.queued()));
    }

    private static ModelMetadataResponse metadata(ServedModel model) {
        return ModelMetadataResponse.newBuilder()
                .setName(model.name())
                .addVersions(model.version())
                .setPlatform(PLATFORM)
                .addAllInputs(metadata(model.engine().inputs()))
                .addAllOutputs(metadata(model.engine().outputs()))
                .build();
    }

    private static List<TensorMetadata> metadata(List<TensorSignature> signatures) {
        return signatures.stream()
                .map(signature ->
                        TensorMetadata.newBuilder()
                                .setName(signature.name())
                                .setDatatype(signature.type().name())
                                .addAllShape(signature.shape())
                                .build())
                .toList();
    }
}
