package dev.strongroom.e2e;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Any RPC of any service, called without knowing it. */
record AnyRpc(MethodDescriptor<Message, Message> method) {
    @SuppressWarnings("unchecked") // every method of ours takes and gives protobuf messages
    static Stream<AnyRpc> of(List<ServiceDescriptor> services) {
        return services.stream()
                .flatMap(service -> service.getMethods().stream())
                .map(method -> new AnyRpc((MethodDescriptor<Message, Message>) method));
    }

    /** Such as {@code Keys/RotateKek}. */
    String name() {
        return method.getFullMethodName().replaceFirst("^.*\\.", "");
    }

    /** A request that says {@code tenant} and {@code model} wherever one can be named. */
    Message about(String tenant, String model) {
        return about(empty(), tenant, model);
    }

    Message empty() {
        return ((PrototypeMarshaller<Message>) method.getRequestMarshaller()).getMessagePrototype();
    }

    /** Whether a request can name a tenant at all. */
    boolean namesATenant() {
        return !about("t", "t/m").equals(empty());
    }

    private static Message about(Message message, String tenant, String model) {
        Message.Builder builder = message.toBuilder();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            boolean one = !field.isRepeated();
            switch (field.getName()) {
                case "tenant" -> builder.setField(field, tenant);
                case "model", "model_name" -> builder.setField(field, model);
                case "version", "header" -> {
                    if (one && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                        Message inner = (Message) message.getField(field);
                        builder.setField(field, about(inner, tenant, model));
                    }
                }
                default -> {
                    // nothing that names a tenant
                }
            }
        }
        return builder.build();
    }

    /** Calls with one message and waits for the end; throws unless the call ends with OK. */
    void call(Channel channel, Message request) {
        var end = new CompletableFuture<Void>();
        ClientCall<Message, Message> call =
                channel.newCall(
                        method, CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS));
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        if (status.isOk()) {
                            end.complete(null);
                        } else {
                            end.completeExceptionally(new StatusRuntimeException(status, trailers));
                        }
                    }
                },
                new Metadata());
        call.request(Integer.MAX_VALUE);
        call.sendMessage(request);
        call.halfClose();
        try {
            end.join();
        } catch (CompletionException e) {
            throw (StatusRuntimeException) e.getCause();
        }
    }

    @Override
    public String toString() {
        return name();
    }
}
