package dev.strongroom.serving.infer;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import dev.strongroom.proto.inference.InferTensorContents;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferRequest.InferInputTensor;
import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.TensorSignature;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** A caller's tensors, typed and raw, for a model that takes one of every element type. */
class InferenceRequestFuzz {
    private static final List<TensorSignature> INPUTS =
            Stream.of(ElementType.values())
                    .map(type -> new TensorSignature(type.name(), type, List.of(-1L, 2L)))
                    .toList();

    static List<byte[]> seeds() {
        var typed =
                ModelInferRequest.newBuilder()
                        .addInputs(
                                input("FP32")
                                        .setContents(
                                                InferTensorContents.newBuilder()
                                                        .addFp32Contents(1)
                                                        .addFp32Contents(2)));
        var raw =
                ModelInferRequest.newBuilder()
                        .addInputs(input("BYTES"))
                        .addRawInputContents(
                                ByteString.copyFrom(new byte[] {1, 0, 0, 0, 'a', 0, 0, 0, 0}));
        return List.of(typed.build().toByteArray(), raw.build().toByteArray());
    }

    private static InferInputTensor.Builder input(String type) {
        return InferInputTensor.newBuilder()
                .setName(type)
                .setDatatype(type)
                .addShape(1)
                .addShape(2);
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsTensorsThatFitOrRefuses(byte[] input) throws Exception {
        ModelInferRequest request;
        try {
            request = ModelInferRequest.parseFrom(input);
        } catch (InvalidProtocolBufferException e) {
            return; // gRPC refuses it before we see it
        }
        // A model of exactly the inputs that the request names, so that contents are reached.
        List<TensorSignature> asked =
                INPUTS.stream()
                        .filter(signature ->
                                request.getInputsList().stream()
                                        .anyMatch(tensor ->
                                                tensor.getName().equals(signature.name())))
                        .toList();
        Hostile.read(
                input,
                RefusedException.class,
                _ -> InferenceRequest.decode(request, asked, INPUTS, Long.MAX_VALUE));
    }
}
