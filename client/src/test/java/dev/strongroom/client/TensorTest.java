package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.proto.inference.InferTensorContents;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.proto.inference.ModelInferResponse.InferOutputTensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorTest {
    @Test
    void keepsFloatsAndLongs() {
        assertThat(Tensor.ofFloats("a", List.of(2L), 1.5f, -2f).floats())
                .containsExactly(1.5f, -2f);
        assertThat(Tensor.ofLongs("a", List.of(1L, 2L), 7, Long.MIN_VALUE).longs())
                .containsExactly(7, Long.MIN_VALUE);
    }

    @Test
    void refusesAShapeThatDoesNotFit() {
        assertThatThrownBy(() -> Tensor.ofFloats("a", List.of(3L), 1f))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("takes 12 bytes, got 4");
        assertThatThrownBy(() -> Tensor.ofFloats("a", List.of(-1L), 1f))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensor.ofFloats("a", List.of(1L << 40, 1L << 40), 1f))
                .isInstanceOf(ArithmeticException.class);
    }

    @Test
    void doesNotPrintItsElements() {
        assertThat(Tensor.ofFloats("a", List.of(1L), 12345f).toString()).doesNotContain("12345");
    }

    @Test
    void travelsAsRawContents() throws Exception {
        Tensor tensor = Tensor.ofLongs("ids", List.of(1L, 2L), 101, 102);
        ModelInferRequest request = TensorCodec.request("acme/tiny", List.of(tensor)).build();

        assertThat(request.getInputs(0).getDatatype()).isEqualTo("INT64");
        assertThat(
                        TensorCodec.outputs(
                                ModelInferResponse.newBuilder()
                                        .addOutputs(output("ids", "INT64", 1, 2))
                                        .addAllRawOutputContents(request.getRawInputContentsList())
                                        .build()))
                .containsExactly(tensor);
    }

    @Test
    void readsTypedContents() throws Exception {
        var output =
                output("y", "FP32", 2)
                        .setContents(
                                InferTensorContents.newBuilder()
                                        .addFp32Contents(1f)
                                        .addFp32Contents(2f));

        assertThat(TensorCodec.outputs(ModelInferResponse.newBuilder().addOutputs(output).build()))
                .containsExactly(Tensor.ofFloats("y", List.of(2L), 1f, 2f));
    }

    @Test
    void refusesAnAnswerThatDoesNotFitItself() {
        var response = ModelInferResponse.newBuilder().addOutputs(output("y", "FP32", 2)).build();

        assertThatThrownBy(() -> TensorCodec.outputs(response))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("does not fit its shape");
    }

    @Test
    void refusesAnUnknownType() {
        var response = ModelInferResponse.newBuilder().addOutputs(output("y", "FP8", 2)).build();

        assertThatThrownBy(() -> TensorCodec.outputs(response))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("unknown data type FP8");
    }

    private static InferOutputTensor.Builder output(String name, String type, long... shape) {
        var output = InferOutputTensor.newBuilder().setName(name).setDatatype(type);
        for (long size : shape) {
            output.addShape(size);
        }
        return output;
    }
}
