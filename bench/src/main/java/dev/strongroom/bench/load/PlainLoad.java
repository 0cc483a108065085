package dev.strongroom.bench.load;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A plain model by ONNX Runtime alone, until its first answer. */
final class PlainLoad {
    private static final long FREE_SIZE = 8;

    private PlainLoad() {}

    /** The file as it is, with every default of ONNX Runtime. */
    static double asIs(Path model) throws OrtException {
        return millis(model, _ -> {});
    }

    /** A model that was optimised before and keeps its weights in a file of their own. */
    static double converted(Path graph) throws OrtException {
        return millis(graph, options -> options.setOptimizationLevel(OptLevel.NO_OPT));
    }

    /** The same without matrices arranged anew, so that weights stay in the mapped file. */
    static double convertedWithoutPrepacking(Path graph) throws OrtException {
        return millis(
                graph,
                options -> {
                    options.setOptimizationLevel(OptLevel.NO_OPT);
                    options.addConfigEntry("session.disable_prepacking", "1");
                });
    }

    @FunctionalInterface
    private interface Settings {
        void put(OrtSession.SessionOptions options) throws OrtException;
    }

    /** Whoever touches the library first loads it, which is in the time. */
    private static double millis(Path model, Settings settings) throws OrtException {
        long start = System.nanoTime();
        var environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            settings.put(options);
            try (var session = environment.createSession(model.toString(), options)) {
                run(environment, session);
                return (System.nanoTime() - start) / 1e6;
            }
        }
    }

    private static void run(OrtEnvironment environment, OrtSession session) throws OrtException {
        Map<String, OnnxTensor> inputs = new HashMap<>();
        for (NodeInfo input : session.getInputInfo().values()) {
            inputs.put(input.getName(), tensor(environment, (TensorInfo) input.getInfo()));
        }
        session.run(inputs).close();
        inputs.values().forEach(OnnxTensor::close);
    }

    private static OnnxTensor tensor(OrtEnvironment environment, TensorInfo info)
            throws OrtException {
        long[] shape = info.getShape();
        for (int i = 0; i < shape.length; i++) {
            shape[i] = shape[i] > 0 ? shape[i] : i == 0 ? 1 : FREE_SIZE;
        }
        int elements = (int) Arrays.stream(shape).reduce(1, Math::multiplyExact);
        return switch (info.type) {
            case INT64 -> {
                long[] ones = new long[elements];
                Arrays.fill(ones, 1);
                yield OnnxTensor.createTensor(environment, LongBuffer.wrap(ones), shape);
            }
            case FLOAT ->
                    OnnxTensor.createTensor(
                            environment, FloatBuffer.wrap(new float[elements]), shape);
            default -> throw new IllegalArgumentException("input of type " + info.type);
        };
    }
}
