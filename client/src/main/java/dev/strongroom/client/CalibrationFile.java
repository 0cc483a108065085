package dev.strongroom.client;

import dev.strongroom.client.prepare.ModelSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** What honest queries of a model look like, as {@code guard calibrate} wrote it. */
final class CalibrationFile {
    /** The first bytes of the only format there is. */
    private static final byte[] MAGIC = {'S', 'R', 'C', 'A', 'L', 'I', 'B', 1};

    private static final long MAX_BYTES = 64L << 20; // 30,000 samples of ten classes take 2 MiB

    /** The output that {@code guard calibrate} adds for the detector. */
    private static final String TAP = "strongroom.penultimate";

    private CalibrationFile() {}

    /**
     * Refuses a model whose answers nothing could be judged by.
     *
     * @throws ClientException if it does not give the tensor that calibrations are of
     */
    static void requireTap(ModelSource model) throws ClientException, IOException {
        if (!model.gives(TAP)) {
            throw ClientException.local(
                    model.graph().path()
                            + " has no output "
                            + TAP
                            + ", which the calibration is of: every caller would be shown a class"
                            + " and a band",
                    "push the TAPPED.onnx that ./strongroom guard calibrate wrote beside it");
        }
    }

    /**
     * Reads it whole; the node reads it strictly.
     *
     * @throws ClientException if it is too large or something else
     */
    static byte[] read(Path file) throws ClientException, IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw refused(file, "more than 64 MiB");
        }
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length < MAGIC.length
                || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw refused(file, "another format");
        }
        return bytes;
    }

    private static ClientException refused(Path file, String why) {
        return ClientException.local(
                file + " is no calibration: " + why,
                "make it with ./strongroom guard calibrate MODEL.onnx SAMPLES.npy TAPPED.onnx FILE");
    }
}
