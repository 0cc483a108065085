package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.InferTensorContents;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferRequest.InferInputTensor;
import java.io.IOException;
import java.util.Collections;
import org.junit.jupiter.api.Test;

/** What is small on the wire and large on the heap is counted before it is parsed. */
class RequestPartsTest {
    private static final int MANY = RequestParts.MOST + 1;

    @Test
    void aThousandTensorsAreFew() throws IOException {
        var request = ModelInferRequest.newBuilder().setModelName("acme/m").setId("1");
        for (int i = 0; i < 1000; i++) {
            request.addInputs(
                            InferInputTensor.newBuilder()
                                    .setName("x" + i)
                                    .setDatatype("FP32")
                                    .addShape(1)
                                    .putParameters("a", InferParameter.getDefaultInstance()))
                    .addRawInputContents(ByteString.copyFrom(new byte[4]));
        }
        assertThat(areFew(request)).isTrue();
    }

    @Test
    void elementsOfContentsAreNoParts() throws IOException {
        var contents =
                InferTensorContents.newBuilder()
                        .addAllBoolContents(Collections.nCopies(MANY, true))
                        .addAllBytesContents(Collections.nCopies(MANY, ByteString.EMPTY));
        assertThat(areFew(input(InferInputTensor.newBuilder().setContents(contents)))).isTrue();
    }

    @Test
    void unknownFieldsAreCountedWhereverTheyAre() throws IOException {
        UnknownFieldSet many = numbers(99);
        var parameter = InferParameter.newBuilder().setUnknownFields(many).build();
        var contents = InferTensorContents.newBuilder().setUnknownFields(many);

        assertThat(areFew(ModelInferRequest.newBuilder().setUnknownFields(many))).isFalse();
        assertThat(areFew(ModelInferRequest.newBuilder().putParameters("a", parameter))).isFalse();
        assertThat(areFew(input(InferInputTensor.newBuilder().setUnknownFields(many)))).isFalse();
        assertThat(areFew(input(InferInputTensor.newBuilder().setContents(contents)))).isFalse();
        assertThat(areFew(input(InferInputTensor.newBuilder().putParameters("a", parameter))))
                .isFalse();
    }

    @Test
    void aShapeIsShortInBothOfItsForms() throws IOException {
        var packed =
                input(InferInputTensor.newBuilder().addAllShape(Collections.nCopies(2000, 1L)));
        var apart = input(InferInputTensor.newBuilder().setUnknownFields(numbers(3)));

        assertThat(areFew(packed)).isFalse();
        assertThat(areFew(apart)).isFalse();
    }

    @Test
    void groupsAreRefused() throws IOException {
        var group =
                UnknownFieldSet.newBuilder()
                        .addField(
                                99, UnknownFieldSet.Field.newBuilder().addGroup(numbers(1)).build())
                        .build();
        assertThat(areFew(ModelInferRequest.newBuilder().setUnknownFields(group))).isFalse();
    }

    @Test
    void whatIsNoMessageIsSaidToBeNone() {
        assertThatThrownBy(() -> RequestParts.areFew(new byte[] {0x2a, 0x7f}))
                .isInstanceOf(InvalidProtocolBufferException.class);
    }

    private static UnknownFieldSet numbers(int field) {
        var values = UnknownFieldSet.Field.newBuilder();
        for (int i = 0; i < MANY; i++) {
            values.addVarint(1);
        }
        return UnknownFieldSet.newBuilder().addField(field, values.build()).build();
    }

    private static ModelInferRequest.Builder input(InferInputTensor.Builder input) {
        return ModelInferRequest.newBuilder().addInputs(input);
    }

    private static boolean areFew(ModelInferRequest.Builder request) throws IOException {
        return RequestParts.areFew(request.build().toByteArray());
    }
}
