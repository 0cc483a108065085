package dev.strongroom.serving.guard.detect;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Format 1 of a calibration, big-endian:
 *
 * <pre>
 * magic "SRCALIB" | u8 format = 1
 * u32 inputSize | u32 featureSize | u32 classes
 * u32 foldedInput | u32 rank | f32 mean[foldedInput] | f32 directions[foldedInput][rank]
 * u32 foldedFeatures | f32 factor[foldedFeatures]² | f32 means[classes][foldedFeatures]
 * u16 ring[classes] | f32 link[classes]
 * for each score, for each class and then all classes together:
 *     u32 n | f32 scores[n], ascending
 * </pre>
 */
final class CalibrationWriter {
    static final byte[] MAGIC = {'S', 'R', 'C', 'A', 'L', 'I', 'B', 1};

    private CalibrationWriter() {}

    static byte[] encode(Calibration calibration) {
        var bytes = ByteBuffer.allocate(size(calibration));
        bytes.put(MAGIC);
        bytes.putInt(calibration.inputSize());
        bytes.putInt(calibration.featureSize());
        bytes.putInt(calibration.classes());
        Subspace subspace = calibration.subspace();
        bytes.putInt(subspace.size()).putInt(subspace.rank());
        put(bytes, subspace.mean());
        put(bytes, subspace.directions());
        bytes.putInt(calibration.whitening().size());
        put(bytes, calibration.whitening().factor());
        put(bytes, calibration.whitening().means());
        for (int slots : calibration.ringSlots()) {
            bytes.putShort((short) slots);
        }
        put(bytes, calibration.linkDistances());
        for (List<ScoreTable> ofScore : calibration.tables()) {
            for (ScoreTable table : ofScore) {
                bytes.putInt(table.size());
                put(bytes, table.ascending());
            }
        }
        return bytes.array();
    }

    private static int size(Calibration calibration) {
        long floats =
                (long) calibration.subspace().mean().length
                        + calibration.subspace().directions().length
                        + calibration.whitening().factor().length
                        + calibration.whitening().means().length
                        + calibration.classes();
        long tables = 0;
        for (List<ScoreTable> ofScore : calibration.tables()) {
            for (ScoreTable table : ofScore) {
                floats += table.size();
                tables++;
            }
        }
        long bytes =
                MAGIC.length
                        + 6 * Integer.BYTES
                        + (long) Short.BYTES * calibration.classes()
                        + Float.BYTES * floats
                        + Integer.BYTES * tables;
        return Math.toIntExact(bytes);
    }

    private static void put(ByteBuffer bytes, float[] values) {
        for (float value : values) {
            bytes.putFloat(value);
        }
    }
}
