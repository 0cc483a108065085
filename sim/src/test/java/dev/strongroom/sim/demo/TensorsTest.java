package dev.strongroom.sim.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.client.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** The comparison must not call two answers equal that are not. */
class TensorsTest {
    private final Tensor tensor = Tensor.ofFloats("y", List.of(1L, 2L), 1.5f, -2);

    @Test
    void measuresTheLargestDifference() {
        Tensor other = Tensor.ofFloats("y", List.of(1L, 2L), 1.25f, -1);

        assertThat(Tensors.difference(List.of(tensor), List.of(other))).isEqualTo(1);
        assertThat(Tensors.difference(List.of(tensor), List.of(tensor))).isZero();
    }

    @Test
    void nothingEqualsNotANumber() {
        Tensor broken = Tensor.ofFloats("y", List.of(1L, 2L), Float.NaN, -2);

        assertThat(Tensors.difference(List.of(tensor), List.of(broken)) <= 1e-5).isFalse();
    }

    @Test
    void otherNamesShapesOrCountsAreInfinitelyFar() {
        Tensor renamed = Tensor.ofFloats("z", List.of(1L, 2L), 1.5f, -2);
        Tensor reshaped = Tensor.ofFloats("y", List.of(2L, 1L), 1.5f, -2);

        assertThat(Tensors.difference(List.of(tensor), List.of(renamed))).isInfinite();
        assertThat(Tensors.difference(List.of(tensor), List.of(reshaped))).isInfinite();
        assertThat(Tensors.difference(List.of(tensor), List.of())).isInfinite();
    }

    @Test
    void comparesWithTheNestedListsOfTheCommandLine() {
        var lists = JsonMapper.shared().readTree(Tensors.json(tensor));
        var shorter = JsonMapper.shared().readTree("[[1.5]]");

        assertThat(Tensors.difference(tensor, lists)).isZero();
        assertThat(Tensors.difference(tensor, shorter)).isInfinite();
    }
}
