package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import dev.strongroom.serving.engine.TensorSignature;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a request is charged for, wherever its sender put his rows. */
class RowCountTest {
    @Test
    void countsTheFirstDimensionWhereThatIsOpen() {
        assertThat(rows(List.of(-1L, 384L), List.of(1000L, 384L))).isEqualTo(1000);
        assertThat(rows(List.of(-1L, -1L), List.of(3L, 512L))).as("tokens").isEqualTo(3);
        assertThat(rows(List.of(-1L), List.of(70L))).isEqualTo(70);
    }

    @Test
    void rowsThatAreHiddenBehindAFixedFirstDimensionCount() {
        assertThat(rows(List.of(1L, -1L, 8L), List.of(1L, 100_000L, 8L))).isEqualTo(100_000);
        assertThat(rows(List.of(4L, -1L, -1L), List.of(4L, 30L, 20L))).isEqualTo(2400);
    }

    @Test
    void aFixedVectorIsOneRowAndAnEmptyTensorToo() {
        assertThat(rows(List.of(16L), List.of(16L))).isEqualTo(1);
        assertThat(rows(List.of(-1L, 2L), List.of(0L, 2L))).isEqualTo(1);
    }

    @Test
    void aTensorOfUnknownRankCountsAllThatCanHoldRows() {
        assertThat(rows(List.of(), List.of())).isEqualTo(1);
        assertThat(rows(List.of(), List.of(1L, 900L, 4L))).isEqualTo(900);
        assertThat(rows(List.of(), List.of(12L))).isEqualTo(12);
    }

    @Test
    void inputsThatDisagreeCountAsTheLargestAndNothingWrapsAround() {
        var signatures = List.of(signature(List.of(-1L, 2L)), signature(List.of(1L, -1L, -1L)));
        var inputs =
                List.of(
                        tensor(List.of(5L, 2L)),
                        tensor(List.of(1L, (long) Integer.MAX_VALUE, (long) Integer.MAX_VALUE)));
        assertThat(RowCount.of(signatures, inputs))
                .isEqualTo((long) Integer.MAX_VALUE * Integer.MAX_VALUE);
        assertThat(rows(List.of(1L, -1L, -1L, -1L), List.of(1L, 1L << 30, 1L << 30, 1L << 30)))
                .isEqualTo(Long.MAX_VALUE);
    }

    private static long rows(List<Long> declared, List<Long> shape) {
        return RowCount.of(List.of(signature(declared)), List.of(tensor(shape)));
    }

    private static TensorSignature signature(List<Long> shape) {
        return new TensorSignature("x", ElementType.FP32, shape);
    }

    private static Tensor tensor(List<Long> shape) {
        return new Tensor("x", ElementType.FP32, shape, new Numbers(ByteBuffer.allocate(0)));
    }
}
