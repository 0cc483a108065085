package dev.strongroom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.DataType;
import dev.strongroom.client.ModelSignature;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.provider.MethodSource;

/** A tensor typed as JSON; the first byte chooses the element type. */
class TensorJsonFuzz {
    static List<byte[]> seeds() {
        return IntStream.range(0, DataType.values().length)
                .mapToObj(type -> ((char) type + "[[1, 0], [true, \"a\"]]"))
                .map(seed -> seed.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsATensorOrRefuses(byte[] input) throws Exception {
        if (input.length == 0) {
            return;
        }
        DataType type = DataType.values()[(input[0] & 0xff) % DataType.values().length];
        var port = new ModelSignature.Port("x", type, List.of());
        var json = new String(Arrays.copyOfRange(input, 1, input.length), StandardCharsets.UTF_8);
        Hostile.read(input, ClientException.class, _ -> TensorJson.read(port, json))
                .ifPresent(tensor -> assertThat(tensor.type()).isEqualTo(type));
    }
}
