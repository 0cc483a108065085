package dev.strongroom.serving.rpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.RequestSize;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;

/**
 * Parses requests of a bounded number of pieces, whose elements take a bounded amount of memory; of
 * others it says so in their place.
 */
final class RequestMarshaller implements PrototypeMarshaller<ModelInferRequest> {
    /** Stand for requests that were not parsed; compared by identity. */
    private static final ModelInferRequest TOO_MANY_PARTS = ModelInferRequest.newBuilder().build();

    private static final ModelInferRequest TOO_LARGE = ModelInferRequest.newBuilder().build();

    private final PrototypeMarshaller<ModelInferRequest> generated;
    private final long elementBytes;

    /**
     * @param generated for everything but parsing
     * @param elementBytes that elements of typed contents may take
     */
    RequestMarshaller(PrototypeMarshaller<ModelInferRequest> generated, long elementBytes) {
        this.generated = generated;
        this.elementBytes = elementBytes;
    }

    /**
     * Refuses what stands for a request that was not parsed.
     *
     * @throws RefusedException TOO_MANY_PARTS or REQUEST_TOO_LARGE
     */
    @SuppressWarnings("ReferenceEquality") // an empty request is another one
    static void requireParsed(ModelInferRequest request) throws RefusedException {
        if (request == TOO_MANY_PARTS) {
            throw RefusedException.invalid(
                    "TOO_MANY_PARTS",
                    "the request has more than %d fields (tensors, parameters, what this node does not know), or a shape of more than %d dimensions; send fewer"
                            .formatted(RequestParts.MOST, RequestParts.MOST_DIMENSIONS));
        }
        if (request == TOO_LARGE) {
            throw RequestSize.tooLarge();
        }
    }

    @Override
    public ModelInferRequest parse(InputStream stream) {
        try {
            byte[] message =
                    stream instanceof KnownLength
                            ? stream.readNBytes(stream.available())
                            : stream.readAllBytes();
            return switch (RequestParts.judge(message, elementBytes)) {
                case FITS -> parseInPlace(message);
                case TOO_MANY -> TOO_MANY_PARTS;
                case TOO_LARGE -> TOO_LARGE;
            };
        } catch (InvalidProtocolBufferException e) {
            throw Status.INTERNAL
                    .withDescription("Invalid protobuf byte sequence")
                    .withCause(e)
                    .asRuntimeException();
        } catch (IOException e) {
            throw Status.INTERNAL.withCause(e).asRuntimeException();
        }
    }

    /** Raw contents stay where they came in. */
    private static ModelInferRequest parseInPlace(byte[] message) throws IOException {
        CodedInputStream in = UnsafeByteOperations.unsafeWrap(message).newCodedInput();
        in.enableAliasing(true);
        ModelInferRequest request = ModelInferRequest.parseFrom(in);
        in.checkLastTagWas(0);
        return request;
    }

    @Override
    public InputStream stream(ModelInferRequest value) {
        return generated.stream(value);
    }

    @Override
    public Class<ModelInferRequest> getMessageClass() {
        return ModelInferRequest.class;
    }

    @Override
    public ModelInferRequest getMessagePrototype() {
        return ModelInferRequest.getDefaultInstance();
    }
}
