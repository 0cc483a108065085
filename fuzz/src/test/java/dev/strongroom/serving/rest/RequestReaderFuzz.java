package dev.strongroom.serving.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import dev.strongroom.serving.infer.RefusedException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Bodies of inference requests over HTTP; the first two bytes say how long their JSON is. */
class RequestReaderFuzz {
    private static final int MAX_BYTES = 1 << 16;

    static List<byte[]> seeds() {
        return Stream.of(
                        "{}",
                        """
                        {"id":"q","parameters":{"receipt":true,"n":-1,"x":1e3},"inputs":[{"name":"x",
                        "datatype":"FP32","shape":[2,2],"data":[[1,2.5],[-3e1,4]]}],"outputs":[{"name":
                        "y","parameters":{"binary_data":true}}]}\
                        """,
                        """
                        {"inputs":[{"name":"t","datatype":"BYTES","shape":[2],"data":["a","\\u00e4"]},
                        {"data":[true],"shape":[1],"datatype":"BOOL","name":"b"}]}\
                        """,
                        """
                        {"inputs":[{"name":"u","datatype":"UINT64","shape":[1],"data":
                        [18446744073709551615]},{"name":"h","datatype":"FP16","shape":[1],
                        "parameters":{"binary_data_size":2}}]}\
                        """)
                .map(RequestReaderFuzz::body)
                .toList();
    }

    private static byte[] body(String text) {
        byte[] json = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + json.length + 2)
                .putShort((short) json.length)
                .put(json)
                .array();
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsTensorsOrRefuses(byte[] input) throws Exception {
        if (input.length < 2) {
            return;
        }
        var in = ByteBuffer.wrap(input);
        int said = Short.toUnsignedInt(in.getShort());
        byte[] body = new byte[in.remaining()];
        in.get(body);
        Hostile.read(
                        input,
                        RefusedException.class,
                        _ ->
                                RequestReader.read(
                                        body,
                                        body.length,
                                        Math.min(said, body.length),
                                        "acme/net",
                                        "",
                                        MAX_BYTES))
                .ifPresent(read ->
                        assertThat(read.request().getRawInputContentsCount())
                                .isEqualTo(read.request().getInputsCount()));
    }
}
