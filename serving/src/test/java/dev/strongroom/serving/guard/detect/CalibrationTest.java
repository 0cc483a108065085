package dev.strongroom.serving.guard.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CalibrationTest {
    private final GaussianModel model = new GaussianModel(5);
    private final Calibration calibration = model.calibration(800);

    @Test
    void readsItsOwnBytesAndWritesThemAgain() throws CalibrationFormatException {
        byte[] bytes = calibration.encoded();
        assertThat(Calibration.read(ByteBuffer.wrap(bytes)).encoded()).isEqualTo(bytes);
    }

    @Test
    void refusesEveryCutAndAnythingAfterTheEnd() {
        byte[] bytes = calibration.encoded();
        for (int length = 0; length < bytes.length; length += 7) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> Calibration.read(ByteBuffer.wrap(cut)))
                    .isInstanceOf(CalibrationFormatException.class);
        }
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        assertThatThrownBy(() -> Calibration.read(ByteBuffer.wrap(longer)))
                .hasMessageContaining("after its end");
    }

    @Test
    void refusesCountsThatTheBytesCannotHold() {
        byte[] bytes = calibration.encoded();
        for (int field = 8; field < 28; field += 4) {
            ByteBuffer changed = ByteBuffer.wrap(bytes.clone()).putInt(field, Integer.MAX_VALUE);
            assertThatThrownBy(() -> Calibration.read(changed))
                    .isInstanceOf(CalibrationFormatException.class);
        }
    }

    @Test
    void givesUniformPValuesToHonestQueriesOfEachClass() {
        Calibration large = model.calibration(8000);
        var ties = new TieBreaker(1);
        for (int of = 0; of < GaussianModel.CLASSES; of++) {
            int below = 0;
            for (int query = 0; query < 2000; query++) {
                float[] input = model.honest(of);
                Observation seen =
                        large.observe(
                                input, GaussianModel.features(input), GaussianModel.outputs(input));
                var p = new double[Score.COUNT];
                large.tables()
                        .strangeness(seen.predicted(), seen.single(large.references()), ties, p);
                below += p[1] < 0.1 ? 1 : 0;
            }
            assertThat(below).isBetween(120, 290); // 200 expected; the table is finite too
        }
    }

    @Test
    void refusesTooFewSamples() {
        assertThatThrownBy(() -> model.calibration(CalibrationSamples.LEAST - 1))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void foldsLongVectorsToMeansOfNeighbours() {
        assertThat(Folding.length(1024, 1024)).isEqualTo(1024);
        assertThat(Folding.length(1025, 1024)).isEqualTo(513);
        assertThat(Folding.fold(new float[] {1, 3, 5}, 2)).containsExactly(2, 5);
    }
}
