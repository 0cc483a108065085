package dev.strongroom.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.proto.inference.ModelInferResponse.InferOutputTensor;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** A node's answer. */
class TensorCodecFuzz {
    static List<byte[]> seeds() {
        return List.of(
                ModelInferResponse.newBuilder()
                        .addOutputs(
                                InferOutputTensor.newBuilder()
                                        .setName("y")
                                        .setDatatype("FP32")
                                        .addShape(2))
                        .addRawOutputContents(ByteString.copyFrom(new byte[8]))
                        .build()
                        .toByteArray());
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsTensorsThatFitOrRefuses(byte[] input) throws Exception {
        ModelInferResponse response;
        try {
            response = ModelInferResponse.parseFrom(input);
        } catch (InvalidProtocolBufferException e) {
            return; // gRPC refuses it before we see it
        }
        Hostile.read(input, ClientException.class, _ -> TensorCodec.outputs(response));
    }
}
