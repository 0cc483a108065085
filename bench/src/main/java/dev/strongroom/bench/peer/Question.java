package dev.strongroom.bench.peer;

import dev.strongroom.bench.serve.NodeLoad;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tools.jackson.databind.json.JsonMapper;

/**
 * One request, encoded beforehand for both transports of the protocol.
 *
 * @param model that is asked
 */
public record Question(String model, byte[] protobuf, byte[] json) {
    /** One row of numbers for input {@code x}. */
    public static Question floats(String model, float[] row) {
        var data = IntStream.range(0, row.length).mapToObj(i -> row[i]).toList();
        return new Question(
                model, NodeLoad.floats(model, row), json(List.of(input("x", "FP32", data))));
    }

    /** One row of tokens for an embedding model of three inputs. */
    public static Question tokens(String model, int length) {
        long[] ones = new long[length];
        Arrays.fill(ones, 1);
        var data = Arrays.stream(ones).boxed().toList();
        var inputs =
                NodeLoad.TOKEN_INPUTS.stream().map(name -> input(name, "INT64", data)).toList();
        return new Question(model, NodeLoad.tokens(model, length), json(inputs));
    }

    private static Map<String, Object> input(String name, String type, List<?> data) {
        return Map.of(
                "name", name, "datatype", type, "shape", List.of(1, data.size()), "data", data);
    }

    private static byte[] json(List<Map<String, Object>> inputs) {
        return JsonMapper.shared()
                .writeValueAsString(Map.of("inputs", inputs))
                .getBytes(StandardCharsets.UTF_8);
    }
}
