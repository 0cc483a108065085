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
import dev.strongroom.serving.engine.TensorSignature;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.ServedModels;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.util.List;

/**
 * The Open Inference Protocol, version 2, over gRPC: says what this node serves, and hands
 * inferences to an {@link InferencePath}.
 *
 * <p>Thread-safe.
 */
public final class InferenceService extends GRPCInferenceServiceImplBase {
    private static final String PLATFORM = "onnx_onnxv1";

    private final InferencePath path;
    private final String serverVersion;

    /**
     * @param path outlives the server of this service
     */
    public InferenceService(InferencePath path, String serverVersion) {
        this.path = path;
        this.serverVersion = serverVersion;
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
                        boolean ready = path.open() && hold.model().ready();
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
        path.infer(new UnaryCall(Connections.caller(), request, observer, Context.current()));
    }

    private boolean ready() {
        return path.open() && path.models().inForce().stream().anyMatch(ServedModel::ready);
    }

    private ServedModels.Hold hold(String name, String version) throws RefusedException {
        return path.models().require(name, version);
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
