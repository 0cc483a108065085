package dev.strongroom.e2e;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;

/** What a {@link TinyModel} is asked, by any program that knows the protocol. */
final class TinyQuestion {
    private static final float TOLERANCE = 1e-4f;
    private static final float[] ROW = TinyModel.row(3);

    private TinyQuestion() {}

    /**
     * A row.
     *
     * @param version as the protocol has it; empty is the server's choice
     */
    static ModelInferRequest of(ModelName model, String version) {
        return rows(model, 1).toBuilder().setModelVersion(version).build();
    }

    /** The same row so often. */
    static ModelInferRequest rows(ModelName model, int rows) {
        var bytes =
                ByteBuffer.allocate(rows * TinyModel.SIDE * Float.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        var floats = bytes.asFloatBuffer();
        while (floats.hasRemaining()) {
            floats.put(ROW);
        }
        var request = ModelInferRequest.newBuilder().setModelName(model.toString());
        request.addInputsBuilder()
                .setName("x")
                .setDatatype("FP32")
                .addShape(rows)
                .addShape(TinyModel.SIDE);
        return request.addRawInputContents(ByteString.copyFrom(bytes)).build();
    }

    static ModelInferResponse ask(Channel node, ModelName model, String version) {
        return GRPCInferenceServiceGrpc.newBlockingStub(node).modelInfer(of(model, version));
    }

    /** Why so many rows are not answered; empty when they are. */
    static String refusal(Caller caller, ModelName model, int rows) {
        try {
            var _ =
                    GRPCInferenceServiceGrpc.newBlockingStub(caller.channel())
                            .modelInfer(rows(model, rows));
            return "";
        } catch (StatusRuntimeException e) {
            return Refused.reason(e);
        }
    }

    /**
     * Whose answer it is.
     *
     * @param seeds of the models that it may be from
     */
    static long seedOf(ModelInferResponse response, List<Long> seeds) {
        var answer = new float[TinyModel.SIDE];
        response.getRawOutputContents(0)
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(answer);
        return seeds.stream()
                .filter(seed -> isOf(answer, seed))
                .findFirst()
                .orElseThrow(() -> new AssertionError("an answer of no version"));
    }

    private static boolean isOf(float[] answer, long seed) {
        float[] expected = TinyModel.expected(ROW, seed);
        return IntStream.range(0, answer.length)
                .allMatch(i -> Math.abs(answer[i] - expected[i]) < TOLERANCE);
    }
}
