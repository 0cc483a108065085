package dev.strongroom.serving.rpc;

import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.serving.infer.InferencePath;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.List;

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
        var unary = bounded(GRPCInferenceServiceGrpc.getModelInferMethod(), path.messageBytes());
        var stream =
                bounded(GRPCInferenceServiceGrpc.getModelStreamInferMethod(), path.messageBytes());
        ServiceDescriptor generated = GRPCInferenceServiceGrpc.getServiceDescriptor();
        var described =
                ServiceDescriptor.newBuilder(generated.getName())
                        .setSchemaDescriptor(generated.getSchemaDescriptor())
                        .addMethod(unary)
                        .addMethod(stream);
        List<ServerMethodDefinition<?, ?>> others =
                new DescribingMethods(path, serverVersion)
                        .bindService().getMethods().stream()
                                .filter(method -> !isInference(method.getMethodDescriptor()))
                                .toList();
        others.forEach(method -> described.addMethod(method.getMethodDescriptor()));
        var service =
                ServerServiceDefinition.builder(described.build())
                        .addMethod(unary, (call, _) -> UnaryCall.take(call, path))
                        .addMethod(stream, (call, _) -> StreamCall.take(call, path));
        others.forEach(service::addMethod);
        return service.build();
    }

    /** Whether it is one of the two methods that carry inferences. */
    static boolean isInference(MethodDescriptor<?, ?> method) {
        String name = method.getFullMethodName();
        return name.equals(GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName())
                || name.equals(
                        GRPCInferenceServiceGrpc.getModelStreamInferMethod().getFullMethodName());
    }

    private static <A> MethodDescriptor<ModelInferRequest, A> bounded(
            MethodDescriptor<ModelInferRequest, A> method, int elementBytes) {
        var generated = (PrototypeMarshaller<ModelInferRequest>) method.getRequestMarshaller();
        return method.toBuilder()
                .setRequestMarshaller(new RequestMarshaller(generated, elementBytes))
                .build();
    }
}
