package dev.strongroom.serving.rpc;

import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase;
import dev.strongroom.proto.inference.ModelConfigRequest;
import dev.strongroom.proto.inference.ModelConfigResponse;
import dev.strongroom.proto.inference.ModelMetadataRequest;
import dev.strongroom.proto.inference.ModelMetadataResponse;
import dev.strongroom.proto.inference.ModelReadyRequest;
import dev.strongroom.proto.inference.ModelReadyResponse;
import dev.strongroom.proto.inference.ModelStatisticsRequest;
import dev.strongroom.proto.inference.ModelStatisticsResponse;
import dev.strongroom.proto.inference.RepositoryIndexRequest;
import dev.strongroom.proto.inference.RepositoryIndexResponse;
import dev.strongroom.proto.inference.RepositoryModelLoadRequest;
import dev.strongroom.proto.inference.RepositoryModelLoadResponse;
import dev.strongroom.proto.inference.RepositoryModelUnloadRequest;
import dev.strongroom.proto.inference.RepositoryModelUnloadResponse;
import dev.strongroom.proto.inference.ServerLiveRequest;
import dev.strongroom.proto.inference.ServerLiveResponse;
import dev.strongroom.proto.inference.ServerMetadataRequest;
import dev.strongroom.proto.inference.ServerMetadataResponse;
import dev.strongroom.proto.inference.ServerReadyRequest;
import dev.strongroom.proto.inference.ServerReadyResponse;
import dev.strongroom.serving.infer.Description;
import dev.strongroom.serving.infer.InferencePath;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.ServedModels;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/**
 * The methods of the Open Inference Protocol, version 2, and of Triton's extensions that say what
 * is served here.
 *
 * <p>Thread-safe.
 */
final class DescribingMethods extends GRPCInferenceServiceImplBase {
    private final InferencePath path;
    private final Description description;

    DescribingMethods(InferencePath path, String serverVersion) {
        this.path = path;
        this.description = new Description(path, serverVersion);
    }

    @Override
    public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> observer) {
        Replies.send(observer, ServerLiveResponse.newBuilder().setLive(true).build());
    }

    @Override
    public void serverReady(
            ServerReadyRequest request, StreamObserver<ServerReadyResponse> observer) {
        Replies.send(
                observer,
                ServerReadyResponse.newBuilder()
                        .setReady(description.ready(Connections.caller()))
                        .build());
    }

    @Override
    public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> observer) {
        Replies.answer(
                observer,
                () ->
                        ModelReadyResponse.newBuilder()
                                .setReady(
                                        description.ready(
                                                Connections.caller(),
                                                request.getName(),
                                                request.getVersion()))
                                .build());
    }

    @Override
    public void serverMetadata(
            ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> observer) {
        Replies.send(observer, description.server());
    }

    @Override
    public void modelMetadata(
            ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> observer) {
        Replies.answer(
                observer,
                () ->
                        description.model(
                                Connections.caller(), request.getName(), request.getVersion()));
    }

    @Override
    public void modelConfig(
            ModelConfigRequest request, StreamObserver<ModelConfigResponse> observer) {
        Replies.answer(
                observer,
                () -> {
                    try (var hold = hold(request.getName(), request.getVersion())) {
                        return ModelConfigResponse.newBuilder()
                                .setConfig(TritonMethods.config(hold.model()))
                                .build();
                    }
                });
    }

    @Override
    public void modelStatistics(
            ModelStatisticsRequest request, StreamObserver<ModelStatisticsResponse> observer) {
        Replies.answer(
                observer,
                () -> {
                    var answer = ModelStatisticsResponse.newBuilder();
                    if (request.getName().isEmpty()) {
                        models().inForce()
                                .forEach(model ->
                                        answer.addModelStats(TritonMethods.statistics(model)));
                    } else {
                        try (var hold = hold(request.getName(), request.getVersion())) {
                            answer.addModelStats(TritonMethods.statistics(hold.model()));
                        }
                    }
                    return answer.build();
                });
    }

    @Override
    public void repositoryIndex(
            RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> observer) {
        var answer = RepositoryIndexResponse.newBuilder();
        models().inForce().stream()
                .filter(model -> model.ready() || !request.getReady())
                .forEach(model -> answer.addModels(TritonMethods.index(model)));
        Replies.send(observer, answer.build());
    }

    @Override
    public void repositoryModelLoad(
            RepositoryModelLoadRequest request,
            StreamObserver<RepositoryModelLoadResponse> observer) {
        observer.onError(operatorsMatter("loads").status());
    }

    @Override
    public void repositoryModelUnload(
            RepositoryModelUnloadRequest request,
            StreamObserver<RepositoryModelUnloadResponse> observer) {
        observer.onError(operatorsMatter("unloads").status());
    }

    private static RefusedException operatorsMatter(String does) {
        return new RefusedException(
                Status.Code.UNIMPLEMENTED,
                "OPERATOR_ONLY",
                "who calls a node neither %s its models; its operator does, under a lease"
                        .formatted(does));
    }

    /** Those of the tenant of who calls now. */
    private ServedModels models() {
        return path.models(Connections.caller());
    }

    private ServedModels.Hold hold(String name, String version) throws RefusedException {
        return models().require(name, version);
    }
}
