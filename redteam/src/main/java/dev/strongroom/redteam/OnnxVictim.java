package dev.strongroom.redteam;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.strongroom.serving.engine.TensorSignature;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Somebody's own classifier: one float input, its first output one value for each class. An output
 * named {@value #PENULTIMATE} is what the detector sees; without one it sees the answer alone.
 */
final class OnnxVictim implements Victim, AutoCloseable {
    static final String PENULTIMATE = TensorSignature.PENULTIMATE;

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final String input;
    private final String output;
    private final long[] shape;
    private final int inputs;
    private final boolean tapped;
    private final Answer sample;

    OnnxVictim(Path file) throws OrtException {
        this(OrtEnvironment.getEnvironment().createSession(file.toString()));
    }

    /** Of a model with all of its weights in it. */
    OnnxVictim(byte[] model) throws OrtException {
        this(OrtEnvironment.getEnvironment().createSession(model));
    }

    private OnnxVictim(OrtSession session) throws OrtException {
        this.environment = OrtEnvironment.getEnvironment();
        this.session = session;
        input = session.getInputNames().iterator().next();
        output =
                session.getOutputNames().stream()
                        .filter(name -> !name.equals(PENULTIMATE))
                        .findFirst()
                        .orElseThrow();
        tapped = session.getOutputNames().contains(PENULTIMATE);
        NodeInfo taken = Objects.requireNonNull(session.getInputInfo().get(input));
        shape = ((TensorInfo) taken.getInfo()).getShape();
        int width = 1;
        for (int at = 0; at < shape.length; at++) {
            shape[at] = at == 0 || shape[at] < 1 ? 1 : shape[at]; // one row; open sizes are one
            width = Math.multiplyExact(width, Math.toIntExact(shape[at]));
        }
        inputs = width;
        sample = answer(new float[inputs]);
    }

    /** Why the detector cannot watch a model's queries, if it cannot. */
    static Optional<String> unfit(Path file) throws OrtException {
        try (var session = OrtEnvironment.getEnvironment().createSession(file.toString())) {
            List<String> inputs =
                    session.getInputInfo().values().stream()
                            .map(input -> input.getName() + " (" + type(input) + ")")
                            .toList();
            return inputs.size() == 1 && inputs.getFirst().endsWith("(" + OnnxJavaType.FLOAT + ")")
                    ? Optional.empty()
                    : Optional.of(
                            "the detector watches classifiers with one input of 32-bit floats, and"
                                    + " this model takes "
                                    + String.join(", ", inputs)
                                    + "; push it without a calibration");
        }
    }

    private static String type(NodeInfo input) {
        return input.getInfo() instanceof TensorInfo tensor ? tensor.type.toString() : "no tensor";
    }

    @Override
    public Answer answer(float[] row) {
        try (var tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(row), shape);
                var result = session.run(Map.of(input, tensor))) {
            float[] values = values(result, output);
            float[] probabilities = isDistribution(values) ? values : Mlp.softmax(values);
            return new Answer(tapped ? values(result, PENULTIMATE) : values, probabilities);
        } catch (OrtException e) {
            throw new IllegalStateException("the victim refused a row (" + e.getCode() + ")", e);
        }
    }

    /** The input's name. */
    String input() {
        return input;
    }

    /** Of one row. */
    long[] shape() {
        return shape.clone();
    }

    @Override
    public int inputs() {
        return inputs;
    }

    @Override
    public int features() {
        return sample.features().length;
    }

    @Override
    public int classes() {
        return sample.probabilities().length;
    }

    @Override
    public int weights() {
        return 0;
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }

    private static float[] values(OrtSession.Result result, String name) {
        var tensor = (OnnxTensor) result.get(name).orElseThrow();
        FloatBuffer buffer = tensor.getFloatBuffer();
        var values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    private static boolean isDistribution(float[] values) {
        double sum = 0;
        for (float value : values) {
            if (value < 0) {
                return false;
            }
            sum += value;
        }
        return Math.abs(sum - 1) < 1e-3;
    }

    /** A world around this victim; without a foreign pool, rows whose values come from many. */
    World world(List<float[]> rows, List<float[]> foreign, long seed) {
        List<Integer> labels = rows.stream().map(row -> answer(row).label()).toList();
        Samples all = new Samples(rows, labels).shuffled(new java.util.Random(seed));
        int size = all.size();
        Samples calibration = all.part(0, size * 6 / 10);
        return new World(
                "own model",
                this,
                World.HIDDEN,
                World.calibrate(this, calibration.rows()),
                calibration.size(),
                all.part(size * 6 / 10, size * 8 / 10),
                all.part(size * 8 / 10, size * 9 / 10).rows(),
                all.part(size * 9 / 10, size).rows(),
                foreign.isEmpty() ? Foreign.shuffledColumns(rows, seed) : foreign,
                Double.NaN);
    }
}
