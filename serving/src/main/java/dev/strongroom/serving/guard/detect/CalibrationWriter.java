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
 *     | f32 scales[rank]
 * for penultimate features, then for inputs:
 *     u32 folded | f32 factor[folded]² | f32 means[classes][folded]
 * f32 link[classes]
 * for each class: u32 count | f32 references[rank][count]
 * for each kind of score, for each class and then all classes together:
 *     u32 n | f32 scores[n], ascending
 * </pre>
 */
final class CalibrationWriter {
    static final byte[] MAGIC = {'S', 'R', 'C', 'A', 'L', 'I', 'B', 1};

    private CalibrationWriter() {}

    static byte[] encode(Calibration calibration) {
        var bytes = ByteBuffer.allocate(size(calibration));
        Subspace subspace = calibration.subspace();
        References references = calibration.references();
        bytes.put(MAGIC);
        bytes.putInt(calibration.inputSize());
        bytes.putInt(calibration.featureSize());
        bytes.putInt(calibration.classes());
        bytes.putInt(subspace.size()).putInt(subspace.rank());
        put(bytes, subspace.mean());
        put(bytes, subspace.directions());
        put(bytes, subspace.scales());
        for (Whitening whitening : whitenings(calibration)) {
            bytes.putInt(whitening.size());
            put(bytes, whitening.factor());
            put(bytes, whitening.means());
        }
        put(bytes, calibration.linkRatios());
        for (int predicted = 0; predicted < references.classes(); predicted++) {
            bytes.putInt(references.count(predicted));
            put(bytes, references.places(predicted));
        }
        for (List<ScoreTable> ofKind : calibration.tables().all()) {
            for (ScoreTable table : ofKind) {
                bytes.putInt(table.size());
                put(bytes, table.ascending());
            }
        }
        return bytes.array();
    }

    private static int size(Calibration calibration) {
        Subspace subspace = calibration.subspace();
        References references = calibration.references();
        long numbers = 5; // the sizes up to rank
        numbers += subspace.mean().length + subspace.directions().length + subspace.rank();
        for (Whitening whitening : whitenings(calibration)) {
            numbers += 1 + whitening.factor().length + whitening.means().length;
        }
        numbers += calibration.classes();
        for (int predicted = 0; predicted < references.classes(); predicted++) {
            numbers += 1 + references.places(predicted).length;
        }
        for (List<ScoreTable> ofKind : calibration.tables().all()) {
            for (ScoreTable table : ofKind) {
                numbers += 1 + table.size();
            }
        }
        return Math.toIntExact(MAGIC.length + Integer.BYTES * numbers);
    }

    private static List<Whitening> whitenings(Calibration calibration) {
        return List.of(calibration.whitening(), calibration.inputs());
    }

    private static void put(ByteBuffer bytes, float[] values) {
        for (float value : values) {
            bytes.putFloat(value);
        }
    }
}
