package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.InferTensorContents;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferRequest.InferInputTensor;
import io.grpc.Status;
import java.util.Collections;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** A node's books have requests at what they take, not at what they took on the wire. */
class RequestSizeTest {
    private static final int MANY = 10_000;
    private static final Offset<Long> HEADERS = Offset.offset(100L);

    @Test
    void rawNumbersTakeWhatTheyTookOnTheWire() {
        ModelInferRequest request =
                input("FP32").addRawInputContents(ByteString.copyFrom(new byte[4 * MANY])).build();

        assertThat(RequestSize.held(request)).isEqualTo(request.getSerializedSize());
    }

    @Test
    void anIntegerOfAByteTakesEightAndItsTensorEightMore() {
        ModelInferRequest request =
                typed(
                        InferTensorContents.newBuilder()
                                .addAllInt64Contents(Collections.nCopies(MANY, 1L)));

        assertThat((long) request.getSerializedSize()).isCloseTo(MANY, HEADERS);
        assertThat(RequestSize.parsed(request)).isCloseTo(8L * MANY, HEADERS);
        assertThat(RequestSize.held(request)).isCloseTo(16L * MANY, HEADERS);
    }

    @Test
    void aStringIsAnObjectWhicheverWayItCame() {
        ModelInferRequest raw =
                input("BYTES").addRawInputContents(ByteString.copyFrom(new byte[4 * MANY])).build();
        ModelInferRequest typed =
                typed(
                        InferTensorContents.newBuilder()
                                .addAllBytesContents(Collections.nCopies(MANY, ByteString.EMPTY)));

        assertThat(RequestSize.held(raw)).isGreaterThan(64L * MANY);
        assertThat(RequestSize.held(typed)).isGreaterThan(64L * MANY);
    }

    @Test
    void aShapeThatIsNoneMakesNothingSmaller() {
        var request = ModelInferRequest.newBuilder();
        request.addInputsBuilder().setName("x").setDatatype("BYTES").addShape(-1);
        request.addRawInputContents(ByteString.copyFrom(new byte[4 * MANY]));

        assertThat(RequestSize.held(request.build())).isGreaterThan(64L * MANY);
    }

    @Test
    void whatOneRequestMayNotTakeIsRefusedForGood() {
        assertThatThrownBy(() -> RequestSize.require(11, 10))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                            assertThat(e.reason()).isEqualTo("REQUEST_TOO_LARGE");
                            assertThat(e.retryAfter()).isEmpty();
                        });
    }

    private static ModelInferRequest typed(InferTensorContents.Builder contents) {
        return ModelInferRequest.newBuilder()
                .addInputs(InferInputTensor.newBuilder().setName("x").setContents(contents))
                .build();
    }

    private static ModelInferRequest.Builder input(String type) {
        var request = ModelInferRequest.newBuilder();
        request.addInputsBuilder().setName("x").setDatatype(type).addShape(MANY);
        return request;
    }
}
