package dev.strongroom.redteam;

import ai.onnxruntime.OrtException;
import dev.strongroom.proto.onnx.ModelProto;
import dev.strongroom.serving.guard.detect.CalibrationSamples;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code ./strongroom guard calibrate}: a model with a tap, and what honest queries look like. */
final class Calibrating {
    private static final String USAGE =
            """
            usage: strongroom guard calibrate MODEL.onnx SAMPLES.npy TAPPED.onnx CALIBRATION
            Reads a classifier with one input and honest samples it was not trained on (float32, one a row; 500 or more),
            writes the model with its penultimate tensor as one more output, which no caller sees, and a
            calibration for the detector. Then: strongroom model push NAME TAPPED.onnx --calibration
            CALIBRATION. Put TAPPED.onnx beside the model when it has external data.\
            """;

    private static final long MAX_MODEL_BYTES = 1L << 30;
    private static final int FAILED = 1;
    private static final int MISUSED = 2;

    private Calibrating() {}

    static int run(String[] arguments, PrintStream out, PrintStream err)
            throws IOException, OrtException {
        if (arguments.length != 5) {
            err.println(USAGE);
            return MISUSED;
        }
        Path model = Path.of(arguments[1]);
        if (Files.size(model) > MAX_MODEL_BYTES) {
            err.println(model + ": more than 1 GiB; keep the weights in external data");
            return FAILED;
        }
        Optional<String> unfit = OnnxVictim.unfit(model);
        if (unfit.isPresent()) {
            err.println(model + ": " + unfit.get());
            return FAILED;
        }
        Optional<ModelProto> tapped =
                PenultimateTap.add(ModelProto.parseFrom(Files.readAllBytes(model)));
        if (tapped.isEmpty()) {
            err.println(
                    model
                            + ": its first output does not come from one linear layer, or it has a"
                            + " tap already");
            return FAILED;
        }
        Path target = Path.of(arguments[3]);
        Files.write(target, tapped.get().toByteArray());
        return calibrate(target, Path.of(arguments[2]), Path.of(arguments[4]), out, err);
    }

    private static int calibrate(
            Path model, Path samples, Path into, PrintStream out, PrintStream err)
            throws IOException, OrtException {
        List<float[]> rows = Npy.rows(samples);
        if (rows.size() < CalibrationSamples.LEAST) {
            err.printf(
                    "%s: expected at least %d samples, got %d%n",
                    samples, CalibrationSamples.LEAST, rows.size());
            return FAILED;
        }
        try (var victim = new OnnxVictim(model)) {
            if (rows.getFirst().length != victim.inputs()) {
                err.printf(
                        "%s: expected rows of %d values, got %d%n",
                        samples, victim.inputs(), rows.getFirst().length);
                return FAILED;
            }
            byte[] calibration = World.calibrate(victim, rows).encoded();
            Files.write(into, calibration);
            out.printf(
                    "calibrated on %d samples: %d features, %d classes, %d bytes%n",
                    rows.size(), victim.features(), victim.classes(), calibration.length);
            return 0;
        }
    }
}
