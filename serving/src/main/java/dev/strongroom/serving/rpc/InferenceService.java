package dev.strongroom.serving.rpc;

import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.proto.inference.ModelStreamInferResponse;
import dev.strongroom.serving.infer.InferencePath;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;

/**
 * The Open Inference Protocol, version 2, over gRPC, with what Triton adds to it. The two methods
 * that carry inferences have handlers of their own, without what generated stubs put between a call
 * and its transport.
 *
 * <p>Thread-safe.
 */
public final class InferenceService implements BindableService {
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
    public ServerServiceDefinition bindService() {
        MethodDescriptor<ModelInferRequest, ModelInferResponse> unary =
                GRPCInferenceServiceGrpc.getModelInferMethod();
        MethodDescriptor<ModelInferRequest, ModelStreamInferResponse> stream =
                GRPCInferenceServiceGrpc.getModelStreamInferMethod();
        var service =
                ServerServiceDefinition.builder(GRPCInferenceServiceGrpc.getServiceDescriptor());
        var describing = new DescribingMethods(path, serverVersion);
        for (ServerMethodDefinition<?, ?> method : describing.bindService().getMethods()) {
            if (!method.getMethodDescriptor().equals(unary)
                    && !method.getMethodDescriptor().equals(stream)) {
                service.addMethod(method);
            }
        }
        return service.addMethod(unary, (call, _) -> UnaryCall.take(call, path))
                .addMethod(stream, (call, _) -> StreamCall.take(call, path))
                .build();
    }
}
