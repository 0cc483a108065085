package dev.strongroom.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.DataType;
import dev.strongroom.client.ModelSignature.Port;
import dev.strongroom.client.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class TensorJsonTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "BOOL|[true,false]",
                "UINT8|[0,255]",
                "UINT16|[0,65535]",
                "UINT32|[0,4294967295]",
                "UINT64|[0,18446744073709551615]",
                "INT8|[-128,127]",
                "INT16|[-32768,32767]",
                "INT32|[-2147483648,2147483647]",
                "INT64|[-9223372036854775808,9223372036854775807]",
                "FP16|[0.5,-2.0]",
                "FP32|[0.5,-2.0]",
                "FP64|[0.1,-2.0]",
                "BYTES|[\"a\",\"ü\"]",
                "INT64|[[1,2],[3,4],[5,6]]",
                "INT64|[[[1]]]",
                "INT64|[]",
                "INT64|[[],[]]",
                "INT64|7"
            })
    void whatIsReadIsWhatIsWritten(DataType type, String json) throws Exception {
        Tensor tensor = TensorJson.read(new Port("x", type, List.of()), json);

        assertThat(JsonMapper.shared().writeValueAsString(TensorJson.write(tensor)))
                .isEqualTo(json);
    }

    @Test
    void theNestingIsTheShape() throws Exception {
        Tensor tensor = TensorJson.read(port(), "[[1,2,3],[4,5,6]]");

        assertThat(tensor.shape()).containsExactly(2L, 3L);
        assertThat(tensor.longs()).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[[1],[2,3]]",
                "[1,[2]]",
                "[[1],2]",
                "[[],[1]]",
                "[[1],[]]",
                "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]"
            })
    void refusesListsOfDifferentShape(String json) {
        assertRefused(json, "not all of one length and depth");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"[1.5]", "[\"1\"]", "[true]", "[null]", "[{}]", "[9223372036854775808]"})
    void refusesElementsOfAnotherType(String json) {
        assertRefused(json, "no INT64");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[{}]", "[[\"a\"], [[]]]", "[1]", "[null]"})
    void refusesTextsThatAreNone(String json) {
        var texts = new Port("x", DataType.BYTES, List.of(-1L));
        assertThatThrownBy(() -> TensorJson.read(texts, json)).isInstanceOf(ClientException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1,", "nonsense", "[1] [2]x"})
    void refusesWhatIsNotJson(String json) {
        assertThatThrownBy(() -> TensorJson.read(port(), json)).isInstanceOf(ClientException.class);
    }

    private static Port port() {
        return new Port("x", DataType.INT64, List.of(-1L));
    }

    private static void assertRefused(String json, String why) {
        assertThatThrownBy(() -> TensorJson.read(port(), json))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining(why);
    }
}
