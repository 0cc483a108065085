package dev.strongroom.e2e;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Map;

/** ONNX Runtime and nothing else: loads the model of the tests, runs it, ends. */
final class PlainOrt {
    private PlainOrt() {}

    public static void main(String[] arguments) throws Exception {
        var environment = OrtEnvironment.getEnvironment();
        float[] row = TinyModel.row(1);
        try (OrtSession session = environment.createSession(TinyModel.bytes(1));
                OnnxTensor x =
                        OnnxTensor.createTensor(
                                environment,
                                FloatBuffer.wrap(row),
                                new long[] {1, TinyModel.SIDE});
                OrtSession.Result result = session.run(Map.of("x", x))) {
            System.out.println("answered with " + result.size() + " tensor");
        }
    }
}
