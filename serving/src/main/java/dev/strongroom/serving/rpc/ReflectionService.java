package dev.strongroom.serving.rpc;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.strongroom.proto.reflection.ErrorResponse;
import dev.strongroom.proto.reflection.ExtensionNumberResponse;
import dev.strongroom.proto.reflection.FileDescriptorResponse;
import dev.strongroom.proto.reflection.ListServiceResponse;
import dev.strongroom.proto.reflection.ReflectionProto;
import dev.strongroom.proto.reflection.ServerReflectionGrpc.ServerReflectionImplBase;
import dev.strongroom.proto.reflection.ServerReflectionRequest;
import dev.strongroom.proto.reflection.ServerReflectionResponse;
import dev.strongroom.proto.reflection.ServiceResponse;
import dev.strongroom.serving.infer.InferenceRequest;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoFileDescriptorSupplier;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * gRPC server reflection: which services there are and what their messages look like, for tools
 * that have no definitions at hand. It says nothing that the public protocol does not.
 *
 * <p>Thread-safe.
 */
final class ReflectionService extends ServerReflectionImplBase {
    private final Map<String, FileDescriptor> files = new LinkedHashMap<>();

    /**
     * @param services that it tells of, beside itself
     */
    ReflectionService(List<BindableService> services) {
        for (BindableService service : services) {
            ServerServiceDefinition definition = service.bindService();
            if (definition.getServiceDescriptor().getSchemaDescriptor()
                    instanceof ProtoFileDescriptorSupplier schema) {
                add(schema.getFileDescriptor());
            }
        }
        add(ReflectionProto.getDescriptor());
    }

    private void add(FileDescriptor file) {
        if (files.putIfAbsent(file.getFullName(), file) == null) {
            file.getDependencies().forEach(this::add);
        }
    }

    @Override
    public StreamObserver<ServerReflectionRequest> serverReflectionInfo(
            StreamObserver<ServerReflectionResponse> observer) {
        return new StreamObserver<>() {
            @Override
            public void onNext(ServerReflectionRequest request) {
                observer.onNext(answer(request));
            }

            @Override
            public void onError(Throwable gone) {
                // he has gone; there is nothing to let go of
            }

            @Override
            public void onCompleted() {
                observer.onCompleted();
            }
        };
    }

    private ServerReflectionResponse answer(ServerReflectionRequest request) {
        var answer =
                ServerReflectionResponse.newBuilder()
                        .setValidHost(request.getHost())
                        .setOriginalRequest(request);
        switch (request.getMessageRequestCase()) {
            case LIST_SERVICES -> answer.setListServicesResponse(services());
            case FILE_BY_FILENAME ->
                    answerWith(
                            answer,
                            Optional.ofNullable(files.get(request.getFileByFilename())),
                            request.getFileByFilename());
            case FILE_CONTAINING_SYMBOL ->
                    answerWith(
                            answer,
                            defining(request.getFileContainingSymbol()),
                            request.getFileContainingSymbol());
            case ALL_EXTENSION_NUMBERS_OF_TYPE ->
                    answer.setAllExtensionNumbersResponse(
                            ExtensionNumberResponse.newBuilder()
                                    .setBaseTypeName(request.getAllExtensionNumbersOfType()));
            case FILE_CONTAINING_EXTENSION, MESSAGEREQUEST_NOT_SET ->
                    answer.setErrorResponse(error(Status.Code.NOT_FOUND, "nothing of that kind"));
        }
        return answer.build();
    }

    private ListServiceResponse services() {
        var answer = ListServiceResponse.newBuilder();
        for (FileDescriptor file : files.values()) {
            for (ServiceDescriptor service : file.getServices()) {
                answer.addService(ServiceResponse.newBuilder().setName(service.getFullName()));
            }
        }
        return answer.build();
    }

    private static void answerWith(
            ServerReflectionResponse.Builder answer, Optional<FileDescriptor> file, String asked) {
        if (file.isPresent()) {
            answer.setFileDescriptorResponse(withImports(file.get()));
        } else {
            answer.setErrorResponse(
                    error(
                            Status.Code.NOT_FOUND,
                            "'" + InferenceRequest.echo(asked) + "' is not known here"));
        }
    }

    private Optional<FileDescriptor> defining(String symbol) {
        return files.values().stream().filter(file -> defines(file, symbol)).findFirst();
    }

    private static boolean defines(FileDescriptor file, String symbol) {
        String name = file.getPackage();
        if (!symbol.startsWith(name + ".")) {
            return false;
        }
        String first = symbol.substring(name.length() + 1).split("\\.", 2)[0];
        return file.findMessageTypeByName(first) != null
                || file.findServiceByName(first) != null
                || file.findEnumTypeByName(first) != null;
    }

    private static FileDescriptorResponse withImports(FileDescriptor asked) {
        var answer = FileDescriptorResponse.newBuilder();
        Set<String> seen = new LinkedHashSet<>();
        var next = new ArrayDeque<>(List.of(asked));
        while (!next.isEmpty()) {
            FileDescriptor file = next.removeFirst();
            if (seen.add(file.getFullName())) {
                answer.addFileDescriptorProto(file.toProto().toByteString());
                next.addAll(file.getDependencies());
            }
        }
        return answer.build();
    }

    private static ErrorResponse error(Status.Code code, String message) {
        return ErrorResponse.newBuilder()
                .setErrorCode(code.value())
                .setErrorMessage(message)
                .build();
    }
}
