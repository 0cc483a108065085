package dev.strongroom.vault.access;

import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Answers calls of methods that no service has in gRPC's own words, after the interceptors saw
 * them: some of these names may be decoys, and all of them are answered alike.
 *
 * <p>Thread-safe.
 */
public final class UnknownMethods extends HandlerRegistry {
    /** In the place of such a method's name, which a caller chooses, where names are kept. */
    public static final String LABEL = "unknown";

    private static final MethodDescriptor.Marshaller<InputStream> UNREAD =
            new MethodDescriptor.Marshaller<>() {
                @Override
                public InputStream stream(InputStream value) {
                    return value;
                }

                @Override
                public InputStream parse(InputStream stream) {
                    return InputStream.nullInputStream();
                }
            };

    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
        MethodDescriptor<InputStream, InputStream> method =
                MethodDescriptor.<InputStream, InputStream>newBuilder()
                        .setType(MethodType.UNKNOWN)
                        .setFullMethodName(name)
                        .setRequestMarshaller(UNREAD)
                        .setResponseMarshaller(UNREAD)
                        .setSchemaDescriptor(LABEL)
                        .build();
        return ServerMethodDefinition.create(method, (call, _) -> refuse(call));
    }

    /** Whether a method is one of these. */
    public static boolean contains(MethodDescriptor<?, ?> method) {
        return LABEL.equals(method.getSchemaDescriptor());
    }

    private static <Q> ServerCall.Listener<Q> refuse(ServerCall<Q, ?> call) {
        call.close(
                Status.UNIMPLEMENTED.withDescription(
                        "Method not found: " + call.getMethodDescriptor().getFullMethodName()),
                new Metadata());
        return new ServerCall.Listener<>() {};
    }
}
