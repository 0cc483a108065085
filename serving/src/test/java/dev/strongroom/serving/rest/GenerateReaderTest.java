package dev.strongroom.serving.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.serving.infer.RefusedException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** How long a prompt may be. */
class GenerateReaderTest {
    private static final int MOST = 1000;

    @Test
    void aPromptOfAnyLengthUpToTheLongestIsReadAsItIs() throws Exception {
        for (int count : new int[] {0, 1, 255, 256, 257, MOST - 1, MOST}) {
            long[] ids = LongStream.range(0, count).map(i -> i * 0x1234567 - 5).toArray();

            ModelInferRequest request = read(prompt(ids));

            assertThat(request.getInputs(0).getShapeList()).containsExactly(1L, (long) count);
            var read = new long[count];
            request.getRawInputContents(0)
                    .asReadOnlyByteBuffer()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asLongBuffer()
                    .get(read);
            assertThat(read).isEqualTo(ids);
            assertThat(request.getRawInputContents(0).size()).isEqualTo(8 * count);
        }
    }

    @Test
    void onePastTheLongestIsRefused() {
        assertThatThrownBy(() -> read(prompt(new long[MOST + 1])))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("at most 1000");
    }

    /** Two bytes of JSON are a number of eight; what is beyond a context is not even kept. */
    @Test
    void aPromptOfMillionsIsRefusedWhereItIsTooLong() {
        byte[] body = prompt(new long[2 << 20]);

        long allocated =
                Allocated.by(() -> {
                    assertThatThrownBy(() -> read(body)).hasMessageContaining("at most 1000");
                });

        assertThat(body).hasSizeGreaterThan(4 << 20);
        assertThat(allocated).as("of heap").isLessThan(4 << 20);
    }

    private static byte[] prompt(long[] ids) {
        return LongStream.of(ids)
                .mapToObj(Long::toString)
                .collect(Collectors.joining(",", "{\"input_ids\":[", "]}"))
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static ModelInferRequest read(byte[] body) throws RefusedException {
        return GenerateReader.read(body, body.length, "acme/net", "3", MOST);
    }
}
