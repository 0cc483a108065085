package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.ExchangeDigest;
import dev.strongroom.proto.inference.InferTensorContents;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Between {@link Tensor} and the messages of the Open Inference Protocol, raw contents first. */
final class TensorCodec {
    private static final String NEXT = "ask the node's operator: its answer does not fit itself";

    private TensorCodec() {}

    static ModelInferRequest.Builder request(String model, List<Tensor> inputs) {
        var request = ModelInferRequest.newBuilder().setModelName(model);
        for (Tensor input : inputs) {
            request.addInputs(
                            ModelInferRequest.InferInputTensor.newBuilder()
                                    .setName(input.name())
                                    .setDatatype(input.type().name())
                                    .addAllShape(input.shape()))
                    .addRawInputContents(ByteString.copyFrom(input.data()));
        }
        return request;
    }

    static List<Tensor> outputs(ModelInferResponse response) throws ClientException {
        boolean raw = response.getRawOutputContentsCount() > 0;
        if (raw && response.getRawOutputContentsCount() != response.getOutputsCount()) {
            throw ClientException.local("the node answered with contents missing", NEXT);
        }
        var tensors = new ArrayList<Tensor>();
        for (var output : response.getOutputsList()) {
            DataType type = DataType.ofName(output.getDatatype());
            byte[] data =
                    raw
                            ? response.getRawOutputContents(tensors.size()).toByteArray()
                            : typed(type, output.getContents());
            try {
                tensors.add(new Tensor(output.getName(), type, output.getShapeList(), data));
            } catch (IllegalArgumentException | ArithmeticException e) {
                throw new ClientException(
                        ClientException.Kind.LOCAL,
                        "the node answered with a tensor that does not fit its shape",
                        NEXT,
                        e);
            }
        }
        return tensors;
    }

    /** As digests take them. */
    static List<ExchangeDigest.Part> parts(List<Tensor> tensors) {
        return tensors.stream()
                .map(tensor ->
                        new ExchangeDigest.Part(
                                tensor.name(),
                                tensor.type().name(),
                                tensor.shape(),
                                ByteBuffer.wrap(tensor.data())))
                .toList();
    }

    private static byte[] typed(DataType type, InferTensorContents contents)
            throws ClientException {
        return switch (type) {
            case BOOL -> {
                List<Boolean> bits = contents.getBoolContentsList();
                yield written(
                        bits.size(), data -> bits.forEach(bit -> data.put((byte) (bit ? 1 : 0))));
            }
            case INT8, INT16, INT32 -> integers(type, contents.getIntContentsList());
            case UINT8, UINT16, UINT32 -> integers(type, contents.getUintContentsList());
            case INT64 -> longs(contents.getInt64ContentsList());
            case UINT64 -> longs(contents.getUint64ContentsList());
            case FP32 -> {
                List<Float> values = contents.getFp32ContentsList();
                yield written(values.size() * Float.BYTES, data -> values.forEach(data::putFloat));
            }
            case FP64 -> {
                List<Double> values = contents.getFp64ContentsList();
                yield written(
                        values.size() * Double.BYTES, data -> values.forEach(data::putDouble));
            }
            case BYTES -> strings(contents.getBytesContentsList());
            case FP16 -> throw ClientException.local("FP16 travels as raw contents only", NEXT);
        };
    }

    private static byte[] integers(DataType type, List<Integer> values) {
        return written(
                values.size() * type.bytes(),
                data -> values.forEach(value -> putInteger(data, type, value)));
    }

    private static void putInteger(ByteBuffer data, DataType type, int value) {
        switch (type.bytes()) {
            case 1 -> data.put((byte) value);
            case 2 -> data.putShort((short) value);
            default -> data.putInt(value);
        }
    }

    private static byte[] longs(List<Long> values) {
        return written(values.size() * Long.BYTES, data -> values.forEach(data::putLong));
    }

    private static byte[] strings(List<ByteString> values) {
        return written(
                values.stream().mapToInt(value -> Integer.BYTES + value.size()).sum(),
                data ->
                        values.forEach(
                                value -> data.putInt(value.size()).put(value.toByteArray())));
    }

    private static byte[] written(int bytes, Consumer<ByteBuffer> writer) {
        byte[] data = new byte[bytes];
        writer.accept(ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN));
        return data;
    }
}
