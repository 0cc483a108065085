package dev.strongroom.serving.guard;

import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import dev.strongroom.serving.engine.TensorSignature;
import dev.strongroom.serving.guard.collude.CollusionGraph;
import dev.strongroom.serving.guard.collude.Standing;
import dev.strongroom.serving.guard.detect.Calibration;
import dev.strongroom.serving.guard.detect.Detector;
import dev.strongroom.serving.guard.detect.Judgement;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Shows each row of a question and its answer to the detector and the graph of colluders.
 *
 * <p>A row is a part of the model's only input; its answer is the same part of the first output
 * with a value for each class, and of the penultimate tensor, which the model gives to the guard
 * alone. Thread-safe.
 */
public final class RowWatch {
    private static final Duration EDGE_LIFE = Duration.ofDays(7);
    private static final int MAX_EDGES = 1 << 17; // some 30 MiB

    private final Calibration calibration;
    private final Detector detector;
    private final CollusionGraph graph = new CollusionGraph(EDGE_LIFE, MAX_EDGES);
    private final InstantSource clock;

    public RowWatch(Calibration calibration, SecureRandom random, InstantSource clock) {
        this.calibration = calibration;
        this.detector = new Detector(calibration, random);
        this.clock = clock;
    }

    /**
     * Judges rows.
     *
     * @param principal never {@link Long#MIN_VALUE}
     * @param answer all outputs and the penultimate tensor, before anything was taken from them
     */
    public Signs observe(long principal, List<Tensor> inputs, List<Tensor> answer) {
        Optional<float[][]> rows =
                inputs.size() == 1
                        ? rows(inputs.getFirst(), calibration.inputSize())
                        : Optional.empty();
        Optional<float[][]> outputs =
                answer.stream()
                        .filter(tensor -> !isPenultimate(tensor))
                        .flatMap(tensor -> rows(tensor, calibration.classes()).stream())
                        .findFirst();
        Optional<float[][]> features =
                answer.stream()
                        .filter(RowWatch::isPenultimate)
                        .flatMap(tensor -> rows(tensor, calibration.featureSize()).stream())
                        .findFirst();
        if (rows.isEmpty()
                || outputs.isEmpty()
                || features.isEmpty()
                || outputs.get().length != rows.get().length
                || features.get().length != rows.get().length) {
            return new Signs.Unjudged();
        }
        var evidence = new ArrayList<double[]>(rows.get().length);
        for (int row = 0; row < rows.get().length; row++) {
            Judgement judgement =
                    detector.judge(
                            principal, rows.get()[row], features.get()[row], outputs.get()[row]);
            note(principal, judgement).ifPresent(evidence::add);
        }
        return new Signs.Judged(evidence, standing(principal).evidence());
    }

    /** What the graph of colluders says of a principal. */
    public Standing standing(long principal) {
        return graph.standing(principal, clock.instant());
    }

    /** The p-values that are evidence. */
    private Optional<double[]> note(long principal, Judgement judgement) {
        return switch (judgement) {
            case Judgement.Repeated() -> Optional.empty();
            case Judgement.Echoed(var p) -> Optional.of(p);
            case Judgement.Judged(var p, var copies) -> {
                if (copies.isPresent()) {
                    graph.link(principal, copies.getAsLong(), clock.instant());
                } else {
                    graph.add(principal, p, clock.instant());
                }
                yield Optional.of(p);
            }
        };
    }

    private static boolean isPenultimate(Tensor tensor) {
        return tensor.name().equals(TensorSignature.PENULTIMATE);
    }

    /** Rows of floats, if it is made of rows of that many. */
    private static Optional<float[][]> rows(Tensor tensor, int width) {
        if (tensor.type() != ElementType.FP32
                || !(tensor.content() instanceof Numbers(var bytes))) {
            return Optional.empty();
        }
        FloatBuffer values = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        boolean whole = values.hasRemaining() && values.remaining() % width == 0;
        long declared = tensor.shape().isEmpty() ? 1 : tensor.shape().getFirst();
        int count = values.remaining() / width;
        if (!whole || (count != 1 && count != declared)) {
            return Optional.empty();
        }
        var rows = new float[count][width];
        for (float[] row : rows) {
            values.get(row);
        }
        return Optional.of(rows);
    }
}
