package dev.strongroom.redteam;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;

/**
 * {@code ./strongroom guard flips}: how often a marked copy's best class is another than the
 * original's.
 *
 * @param rows that both were asked
 * @param flipped of them
 * @param farthest that any probability moved
 */
record Flips(int rows, int flipped, double farthest) {
    private static final String USAGE =
            """
            usage: strongroom guard flips MODEL.onnx SAMPLES.npy [COPY.onnx]
            Asks a classifier and a copy of it the same samples (float32, one a row) and says how often the
            best class differs. Without COPY.onnx the copy is made here: MODEL.onnx with a mark as strong as
            nodes put into a version that was pushed with --fingerprint.\
            """;

    private static final int FAILED = 1;
    private static final int MISUSED = 2;

    static int run(String[] arguments, PrintStream out, PrintStream err)
            throws IOException, OrtException {
        if (arguments.length != 3 && arguments.length != 4) {
            err.println(USAGE);
            return MISUSED;
        }
        Path model = Path.of(arguments[1]);
        try {
            List<float[]> samples = Npy.rows(Path.of(arguments[2]));
            Flips flips =
                    arguments.length == 4
                            ? ofFound(model, Path.of(arguments[3]), samples)
                            : ofMarked(model, samples, out);
            out.printf(
                    "%d rows: another best class in %d of them (%.3f %%); no probability moved by"
                            + " more than %.2g%n",
                    flips.rows, flips.flipped, 100.0 * flips.flipped / flips.rows, flips.farthest);
            return 0;
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            return FAILED;
        }
    }

    private static Flips ofFound(Path model, Path copy, List<float[]> samples) throws OrtException {
        try (var original = new OnnxVictim(model);
                var found = new OnnxVictim(copy)) {
            return between(original, found, samples);
        }
    }

    private static Flips ofMarked(Path model, List<float[]> samples, PrintStream out)
            throws IOException, OrtException {
        MarkedCopy copy = MarkedCopy.of(model, new SecureRandom());
        if (copy.tensors() == 0) {
            throw new IllegalArgumentException(
                    model + ": no tensor can carry a mark (expected matrices of 32-bit floats)");
        }
        out.printf("%d tensors marked%n", copy.tensors());
        try (var original = new OnnxVictim(model);
                var marked = new OnnxVictim(copy.model().toByteArray())) {
            return between(original, marked, samples);
        }
    }

    static Flips between(Victim original, Victim copy, List<float[]> samples) {
        int width = samples.isEmpty() ? 0 : samples.getFirst().length;
        if (width != original.inputs() || width != copy.inputs()) {
            throw new IllegalArgumentException(
                    "samples: expected rows of %d values for the model and %d for its copy, got %d"
                            .formatted(original.inputs(), copy.inputs(), width));
        }
        if (original.classes() != copy.classes()) {
            throw new IllegalArgumentException(
                    "copy: expected %d classes, got %d"
                            .formatted(original.classes(), copy.classes()));
        }
        int flipped = 0;
        double farthest = 0;
        for (float[] row : samples) {
            Victim.Answer before = original.answer(row);
            Victim.Answer after = copy.answer(row);
            flipped += before.label() == after.label() ? 0 : 1;
            for (int at = 0; at < original.classes(); at++) {
                float moved = after.probabilities()[at] - before.probabilities()[at];
                farthest = Math.max(farthest, Math.abs(moved));
            }
        }
        return new Flips(samples.size(), flipped, farthest);
    }
}
