package dev.strongroom.e2e;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.ModelInferRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** A classifier of three classes that the detector watches. */
final class WatchedClassifier {
    static final int SIDE = 3;

    private static final int SAMPLES = 4000;
    private static final int HEADER_BYTES = 128;

    private WatchedClassifier() {}

    /** Calibrates and pushes it under an output policy. */
    static void push(Deployment world, ModelName model, String policy) throws Exception {
        Path plain = Files.write(world.owner().resolve("classes.onnx"), classifier());
        Path samples = Files.write(world.owner().resolve("samples.npy"), samples());
        Path tapped = world.owner().resolve("tapped.onnx");
        Path calibration = world.owner().resolve("calibration");
        world.distribution()
                .run(
                        List.of(
                                "./strongroom",
                                "guard",
                                "calibrate",
                                plain.toString(),
                                samples.toString(),
                                tapped.toString(),
                                calibration.toString()))
                .succeeded();
        world.permitAnswers(model, policy);
        world.cli(
                        world.acme().owner(),
                        "model",
                        "push",
                        model.toString(),
                        tapped.toString(),
                        "--calibration",
                        calibration.toString())
                .succeeded();
    }

    /** Nothing that the model was made for. */
    static float[] foreign(int number) {
        return new float[] {40 + number, -40 - number, 0.1f * number};
    }

    /** The probabilities that a caller is shown. */
    static float[] ask(Caller caller, ModelName model, float... row) {
        var bytes = ByteBuffer.allocate(SIDE * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(row);
        var request = ModelInferRequest.newBuilder().setModelName(model.toString());
        request.addInputsBuilder().setName("x").setDatatype("FP32").addShape(1).addShape(SIDE);
        request.addRawInputContents(ByteString.copyFrom(bytes));
        var shown = new float[SIDE];
        GRPCInferenceServiceGrpc.newBlockingStub(caller.channel())
                .modelInfer(request.build())
                .getRawOutputContents(0)
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(shown);
        return shown;
    }

    /** {@code y = softmax(2 x)}. */
    private static byte[] classifier() {
        byte[] layer =
                TinyModel.message(out -> {
                    out.writeString(1, "x");
                    out.writeString(1, "w");
                    out.writeString(2, "z");
                    out.writeString(4, "MatMul");
                });
        byte[] softmax =
                TinyModel.message(out -> {
                    out.writeString(1, "z");
                    out.writeString(2, "y");
                    out.writeString(4, "Softmax");
                });
        var weights = ByteBuffer.allocate(SIDE * SIDE * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < SIDE; at++) {
            weights.putFloat(at * (SIDE + 1) * Float.BYTES, 2);
        }
        byte[] tensor =
                TinyModel.message(out -> {
                    out.writeInt64(1, SIDE);
                    out.writeInt64(1, SIDE);
                    out.writeInt32(2, TinyModel.FLOAT);
                    out.writeString(8, "w");
                    out.writeByteArray(9, weights.array());
                });
        byte[] graph =
                TinyModel.message(out -> {
                    out.writeByteArray(1, layer);
                    out.writeByteArray(1, softmax);
                    out.writeString(2, "classes");
                    out.writeByteArray(5, tensor);
                    out.writeByteArray(11, TinyModel.port("x", TinyModel.FLOAT, SIDE));
                    out.writeByteArray(12, TinyModel.port("y", TinyModel.FLOAT, SIDE));
                });
        byte[] opset = TinyModel.message(out -> out.writeInt64(2, TinyModel.OPSET));
        return TinyModel.message(out -> {
            out.writeInt64(1, TinyModel.IR_VERSION);
            out.writeByteArray(7, graph);
            out.writeByteArray(8, opset);
        });
    }

    /** Honest rows as NumPy saves them: each near one of three classes. */
    private static byte[] samples() {
        var random = new Random(5);
        String header =
                "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }"
                        .formatted(SAMPLES, SIDE);
        int headerLength = HEADER_BYTES - 10;
        var bytes =
                ByteBuffer.allocate(HEADER_BYTES + SAMPLES * SIDE * Float.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
        bytes.put((byte) 1).put((byte) 0).putShort((short) headerLength);
        bytes.put("%-117s\n".formatted(header).getBytes(StandardCharsets.US_ASCII));
        for (int sample = 0; sample < SAMPLES; sample++) {
            int near = random.nextInt(SIDE);
            for (int at = 0; at < SIDE; at++) {
                bytes.putFloat((float) ((at == near ? 2 : 0) + 0.4 * random.nextGaussian()));
            }
        }
        return bytes.array();
    }
}
