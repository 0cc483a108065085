package dev.strongroom.testkit.rpc;

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

/**
 * Any RPC of any service, called without knowing it.
 *
 * <p>Immutable and thread-safe.
 */
public record AnyRpc(MethodDescriptor<Message, Message> method) {
    @SuppressWarnings("unchecked") // every method of ours takes and gives protobuf messages
    public static Stream<AnyRpc> of(List<ServiceDescriptor> services) {
        return services.stream()
                .flatMap(service -> service.getMethods().stream())
                .map(method -> new AnyRpc((MethodDescriptor<Message, Message>) method));
    }

    /** Such as {@code Keys/RotateKek}. */
    public String name() {
        return method.getFullMethodName().replaceFirst("^.*\\.", "");
    }

    /** A request that says {@code tenant} and {@code model} wherever one can be named. */
    public Message about(String tenant, String model) {
        return about(empty(), tenant, model);
    }

    public Message empty() {
        return ((PrototypeMarshaller<Message>) method.getRequestMarshaller()).getMessagePrototype();
    }

    /**
     * An empty request, but for one text field given by its path, such as {@code version.model}.
     */
    public Message request(String path, String value) {
        return with(empty(), path, value);
    }

    /** Whether a request can name a tenant at all. */
    public boolean namesATenant() {
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

    private static Message with(Message message, String path, String value) {
        int dot = path.indexOf('.');
        String head = dot < 0 ? path : path.substring(0, dot);
        FieldDescriptor field = message.getDescriptorForType().findFieldByName(head);
        Message.Builder builder = message.toBuilder();
        if (dot < 0) {
            return builder.setField(field, value).build();
        }
        Message inner = with((Message) message.getField(field), path.substring(dot + 1), value);
        return builder.setField(field, inner).build();
    }

    /** Calls with one message and waits for the end; throws unless the call ends with OK. */
    public void call(Channel channel, Message request) {
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
