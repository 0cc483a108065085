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
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** A tensor typed as JSON; the first byte chooses the element type. */
class TensorJsonFuzz {
    private static final List<DataType> TYPES = List.of(DataType.values());

    static List<byte[]> seeds() {
        return IntStream.range(0, TYPES.size())
                .boxed()
                .flatMap(type ->
                        Stream.of("[[1, 0], [true, \"a\"]]", "{}", "[{}, null]")
                                .map(json -> (char) type.intValue() + json))
                .map(seed -> seed.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsATensorOrRefuses(byte[] input) throws Exception {
        if (input.length == 0) {
            return;
        }
        DataType type = TYPES.get((input[0] & 0xff) % TYPES.size());
        var port = new ModelSignature.Port("x", type, List.of());
        var json = new String(Arrays.copyOfRange(input, 1, input.length), StandardCharsets.UTF_8);
        Hostile.read(input, ClientException.class, _ -> TensorJson.read(port, json))
                .ifPresent(tensor -> assertThat(tensor.type()).isEqualTo(type));
    }
}
