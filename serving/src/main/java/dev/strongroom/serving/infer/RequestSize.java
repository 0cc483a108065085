package dev.strongroom.serving.infer;

import dev.strongroom.proto.inference.InferTensorContents;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferRequest.InferInputTensor;
import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Shapes;
import io.grpc.Status;

/**
 * What a request takes of the heap, which is more than it took on the wire: an integer of typed
 * contents comes in one byte and becomes eight, a short string becomes an object.
 */
public final class RequestSize {
    /** What a string takes beside its letters, as measured. */
    public static final int STRING_BYTES = 64;

    private RequestSize() {}

    /** As it was parsed. */
    public static long parsed(ModelInferRequest request) {
        long bytes = request.getSerializedSize();
        for (int i = 0; i < request.getInputsCount(); i++) {
            InferInputTensor input = request.getInputs(i);
            if (input.hasContents()) {
                InferTensorContents contents = input.getContents();
                bytes += elements(contents) - contents.getSerializedSize();
            }
        }
        return bytes;
    }

    /** As it was parsed, and as the tensors that are made of it. */
    static long held(ModelInferRequest request) {
        long bytes = parsed(request);
        for (int i = 0; i < request.getInputsCount(); i++) {
            InferInputTensor input = request.getInputs(i);
            if (input.hasContents()) {
                bytes += elements(input.getContents());
            } else if (input.getDatatype().equals(ElementType.BYTES.name())
                    && i < request.getRawInputContentsCount()) {
                bytes += strings(input, request.getRawInputContents(i).size());
            }
        }
        return bytes;
    }

    /**
     * Refuses what would take more than one request may.
     *
     * @param held as {@link #held} says
     * @param mostBytes of one
     */
    static void require(long held, long mostBytes) throws RefusedException {
        if (held > mostBytes) {
            throw tooLarge();
        }
    }

    /** Of one whose elements take too much. */
    public static RefusedException tooLarge() {
        return new RefusedException(
                Status.Code.RESOURCE_EXHAUSTED,
                "REQUEST_TOO_LARGE",
                "the request's elements take more memory than this node gives one request (an"
                        + " integer of typed contents counts as 4 or 8 bytes, a string as %d more than"
                                .formatted(STRING_BYTES)
                        + " its letters); send fewer rows");
    }

    private static long elements(InferTensorContents contents) {
        long bytes =
                contents.getBoolContentsCount()
                        + 4L * contents.getIntContentsCount()
                        + 8L * contents.getInt64ContentsCount()
                        + 4L * contents.getUintContentsCount()
                        + 8L * contents.getUint64ContentsCount()
                        + 4L * contents.getFp32ContentsCount()
                        + 8L * contents.getFp64ContentsCount();
        for (int i = 0; i < contents.getBytesContentsCount(); i++) {
            bytes += STRING_BYTES + contents.getBytesContents(i).size();
        }
        return bytes;
    }

    /** No more than its shape says, and than four bytes of length each leave room for. */
    private static long strings(InferInputTensor input, int rawBytes) {
        long most = rawBytes / Integer.BYTES;
        try {
            most = Math.min(most, Shapes.elements(input.getShapeList()));
        } catch (ArithmeticException refusedLater) {
            // as many as there are bytes for
        }
        return most * STRING_BYTES + rawBytes;
    }
}
