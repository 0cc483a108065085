package dev.strongroom.serving.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.sun.management.ThreadMXBean;
import dev.strongroom.proto.inference.GRPCInferenceServiceGrpc;
import dev.strongroom.proto.inference.InferParameter;
import dev.strongroom.proto.inference.InferTensorContents;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferRequest.InferInputTensor;
import dev.strongroom.serving.rpc.RequestParts.Verdict;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.List;
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
        List<Long> longest = Collections.nCopies(32, Long.MAX_VALUE);
        List<Long> longer = Collections.nCopies(33, 1L);

        assertThat(areFew(input(InferInputTensor.newBuilder().addAllShape(longest)))).isTrue();
        assertThat(areFew(input(oneByOne(longest)))).isTrue();
        assertThat(areFew(input(InferInputTensor.newBuilder().addAllShape(longer)))).isFalse();
        assertThat(areFew(input(oneByOne(longer)))).isFalse();
    }

    /** The parser makes one shape of them all. */
    @Test
    void aShapeIsShortHoweverManyFieldsItComesIn() throws IOException {
        ByteString two =
                InferInputTensor.newBuilder().addShape(1).addShape(2).build().toByteString();
        ByteString most = ByteString.EMPTY;
        for (int i = 0; i < 16; i++) {
            most = most.concat(two);
        }
        ByteString more = most.concat(two);

        assertThat(InferInputTensor.parseFrom(more).getShapeCount()).isEqualTo(34);
        assertThat(RequestParts.judge(ofInputs(most, most), 0)).isEqualTo(Verdict.FITS);
        assertThat(RequestParts.judge(ofInputs(more), 0)).isEqualTo(Verdict.TOO_MANY);
    }

    private static byte[] ofInputs(ByteString... inputs) {
        var field = UnknownFieldSet.Field.newBuilder();
        for (ByteString input : inputs) {
            field.addLengthDelimited(input);
        }
        return UnknownFieldSet.newBuilder().addField(5, field.build()).build().toByteArray();
    }

    private static InferInputTensor.Builder oneByOne(List<Long> shape) {
        var sizes = UnknownFieldSet.Field.newBuilder();
        shape.forEach(sizes::addVarint);
        return InferInputTensor.newBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder().addField(3, sizes.build()).build());
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
        assertThatThrownBy(() -> RequestParts.judge(new byte[] {0x2a, 0x7f}, 1))
                .isInstanceOf(InvalidProtocolBufferException.class);
    }

    @Test
    void elementsCountAsWhatTheyTakeInMemory() throws IOException {
        List<Integer> ones = Collections.nCopies(1000, 1);
        List<Long> longs = Collections.nCopies(1000, -1L); // ten bytes each on the wire
        requireBytes(1000, contents().addAllBoolContents(Collections.nCopies(1000, true)));
        requireBytes(4000, contents().addAllIntContents(ones));
        requireBytes(4000, contents().addAllUintContents(ones));
        requireBytes(8000, contents().addAllInt64Contents(longs));
        requireBytes(8000, contents().addAllUint64Contents(longs));
        requireBytes(4000, contents().addAllFp32Contents(Collections.nCopies(1000, 1f)));
        requireBytes(8000, contents().addAllFp64Contents(Collections.nCopies(1000, 1d)));
        requireBytes(
                1000 * 66L,
                contents()
                        .addAllBytesContents(
                                Collections.nCopies(1000, ByteString.copyFromUtf8("ab"))));
    }

    @Test
    void elementsThatComeOneByOneCountAsWell() throws IOException {
        var apart = UnknownFieldSet.Field.newBuilder();
        for (int i = 0; i < 1000; i++) {
            apart.addVarint(1);
        }
        requireBytes(
                8000,
                InferTensorContents.newBuilder()
                        .setUnknownFields(
                                UnknownFieldSet.newBuilder().addField(3, apart.build()).build()));
    }

    /**
     * The parser knows a number that came in the form of another field's as little as any other.
     */
    @Test
    void elementsInAFormThatIsNotTheirFieldsAreUnknownFields() throws IOException {
        for (int field = 1; field <= 8; field++) {
            int own = field == 6 ? 5 : field == 7 ? 1 : field == 8 ? 2 : 0;
            for (int wireType : new int[] {0, 1, 5}) {
                Verdict verdict =
                        RequestParts.judge(oneByOne(field, wireType).toByteArray(), Long.MAX_VALUE);

                assertThat(verdict)
                        .as("field %d as wire type %d", field, wireType)
                        .isEqualTo(wireType == own ? Verdict.FITS : Verdict.TOO_MANY);
            }
        }
    }

    private static ModelInferRequest oneByOne(int field, int wireType) {
        var values = UnknownFieldSet.Field.newBuilder();
        for (int i = 0; i < MANY; i++) {
            switch (wireType) {
                case 0 -> values.addVarint(1);
                case 1 -> values.addFixed64(1);
                default -> values.addFixed32(1);
            }
        }
        var set = UnknownFieldSet.newBuilder().addField(field, values.build()).build();
        return input(InferInputTensor.newBuilder().setContents(contents().setUnknownFields(set)))
                .build();
    }

    private static InferTensorContents.Builder contents() {
        return InferTensorContents.newBuilder();
    }

    /** Within a width of one element: a packed field has a beginning, which counts as one. */
    private static void requireBytes(long bytes, InferTensorContents.Builder contents)
            throws IOException {
        byte[] message =
                input(InferInputTensor.newBuilder().setContents(contents)).build().toByteArray();
        assertThat(RequestParts.judge(message, bytes + 64)).isEqualTo(Verdict.FITS);
        assertThat(RequestParts.judge(message, bytes - 1)).isEqualTo(Verdict.TOO_LARGE);
    }

    @Test
    void whatIsRefusedWasNeverParsed() throws Exception {
        byte[] message =
                input(
                                InferInputTensor.newBuilder()
                                        .setContents(
                                                InferTensorContents.newBuilder()
                                                        .addAllInt64Contents(
                                                                Collections.nCopies(4 << 20, 1L))))
                        .build()
                        .toByteArray();
        assertThat(message).as("a byte for each").hasSizeLessThan((4 << 20) + 64);
        var method = GRPCInferenceServiceGrpc.getModelInferMethod();
        var generated = (PrototypeMarshaller<ModelInferRequest>) method.getRequestMarshaller();
        var marshaller = new RequestMarshaller(generated, 4 << 20);

        long whole = allocated(() -> generated.parse(new ByteArrayInputStream(message)));
        long refused = allocated(() -> marshaller.parse(new ByteArrayInputStream(message)));

        assertThat(whole).as("what it would take").isGreaterThan(8L * message.length);
        assertThat(refused).as("twice itself at most").isLessThan(3L * message.length);
        assertThatThrownBy(() ->
                        RequestMarshaller.requireParsed(
                                marshaller.parse(new ByteArrayInputStream(message))))
                .hasMessageContaining("more memory");
    }

    /** Bytes that this thread allocates meanwhile. */
    private static long allocated(Runnable work) {
        var threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        long before = threads.getCurrentThreadAllocatedBytes();
        work.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
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
        return RequestParts.judge(request.build().toByteArray(), Long.MAX_VALUE) == Verdict.FITS;
    }
}
