package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.inference.InferTensorContents;
import dev.strongroom.proto.inference.ModelInferRequest;
import dev.strongroom.proto.inference.ModelInferResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

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

    private static byte[] typed(DataType type, InferTensorContents contents)
            throws ClientException {
        return switch (type) {
            case BOOL -> {
                var data = buffer(contents.getBoolContentsCount());
                contents.getBoolContentsList().forEach(bit -> data.put((byte) (bit ? 1 : 0)));
                yield data.array();
            }
            case INT8, INT16, INT32 -> integers(type, contents.getIntContentsList());
            case UINT8, UINT16, UINT32 -> integers(type, contents.getUintContentsList());
            case INT64 -> longs(contents.getInt64ContentsList());
            case UINT64 -> longs(contents.getUint64ContentsList());
            case FP32 -> {
                var data = buffer(contents.getFp32ContentsCount() * Float.BYTES);
                contents.getFp32ContentsList().forEach(data::putFloat);
                yield data.array();
            }
            case FP64 -> {
                var data = buffer(contents.getFp64ContentsCount() * Double.BYTES);
                contents.getFp64ContentsList().forEach(data::putDouble);
                yield data.array();
            }
            case BYTES -> strings(contents.getBytesContentsList());
            case FP16 -> throw ClientException.local("FP16 travels as raw contents only", NEXT);
        };
    }

    private static byte[] integers(DataType type, List<Integer> values) {
        var data = buffer(values.size() * type.bytes());
        for (int value : values) {
            switch (type.bytes()) {
                case 1 -> data.put((byte) value);
                case 2 -> data.putShort((short) value);
                default -> data.putInt(value);
            }
        }
        return data.array();
    }

    private static byte[] longs(List<Long> values) {
        var data = buffer(values.size() * Long.BYTES);
        values.forEach(data::putLong);
        return data.array();
    }

    private static byte[] strings(List<ByteString> values) {
        var data = buffer(values.stream().mapToInt(value -> 4 + value.size()).sum());
        values.forEach(value -> data.putInt(value.size()).put(value.toByteArray()));
        return data.array();
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
