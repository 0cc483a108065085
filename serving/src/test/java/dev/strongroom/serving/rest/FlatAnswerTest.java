package dev.strongroom.serving.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.ModelInferResponse;
import dev.strongroom.serving.infer.RefusedException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** How much JSON one answer may become. */
class FlatAnswerTest {
    private static final int MOST_BYTES = 1 << 20;

    @Test
    void anOutputOfOneElementIsThatElementAndOthersAreArrays() throws Exception {
        assertThat(json(new byte[] {7})).contains("\"y\":7");
        assertThat(json(new byte[] {7, -8})).contains("\"y\":[7,-8]");
        assertThat(json(new byte[0])).contains("\"y\":[]");
    }

    /** An element of a byte becomes five; it is not written to the end before somebody looks. */
    @Test
    void oneLargeOutputIsRefusedWhereItIsTooLarge() {
        var bytes = new byte[16 << 20];
        Arrays.fill(bytes, (byte) -128);
        ModelInferResponse answer = answer(bytes);
        requireRefused(answer); // has loaded all classes

        long allocated = Allocated.by(() -> requireRefused(answer));

        assertThat(allocated).as("and not 80 MiB and more").isLessThan(8L * MOST_BYTES);
    }

    private static void requireRefused(ModelInferResponse answer) {
        assertThatThrownBy(() -> FlatAnswer.json(answer, MOST_BYTES))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo("RESPONSE_TOO_LARGE"));
    }

    private static String json(byte[] elements) throws RefusedException {
        return new String(FlatAnswer.json(answer(elements), MOST_BYTES), StandardCharsets.UTF_8);
    }

    private static ModelInferResponse answer(byte[] elements) {
        var answer = ModelInferResponse.newBuilder().setModelName("acme/net");
        answer.addOutputsBuilder().setName("y").setDatatype("INT8").addShape(elements.length);
        return answer.addRawOutputContents(ByteString.copyFrom(elements)).build();
    }
}
