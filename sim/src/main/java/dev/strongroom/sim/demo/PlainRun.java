package dev.strongroom.sim.demo;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.strongroom.client.DataType;
import dev.strongroom.client.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The owner's own ONNX Runtime on the plain model: what the enclave's answers must equal. Not
 * thread-safe.
 */
public final class PlainRun implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    public PlainRun(Path graph) throws OrtException {
        session = environment.createSession(graph.toString());
    }

    /** Runs the model, outputs in its own order. */
    public List<Tensor> run(List<Tensor> inputs) throws OrtException {
        Map<String, OnnxTensor> given = new LinkedHashMap<>();
        try {
            for (Tensor input : inputs) {
                given.put(input.name(), toOnnx(input));
            }
            List<Tensor> outputs = new ArrayList<>();
            try (OrtSession.Result result = session.run(given)) {
                for (Map.Entry<String, OnnxValue> output : result) {
                    outputs.add(fromOnnx(output.getKey(), (OnnxTensor) output.getValue()));
                }
            }
            return outputs;
        } finally {
            given.values().forEach(OnnxTensor::close);
        }
    }

    /**
     * Random inputs that fit the model: free dimensions take {@code batch}, then {@code length};
     * integers are small, and masks, by their name, are ones.
     */
    public List<Tensor> randomInputs(Random random, int batch, int length) throws OrtException {
        List<Tensor> inputs = new ArrayList<>();
        for (NodeInfo input : session.getInputInfo().values()) {
            TensorInfo info = (TensorInfo) input.getInfo();
            List<Long> shape = shape(info, batch, length);
            int elements = Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
            inputs.add(
                    new Tensor(
                            input.getName(),
                            type(info.type),
                            shape,
                            data(input.getName(), info.type, elements, random)));
        }
        return inputs;
    }

    private static List<Long> shape(TensorInfo info, int batch, int length) {
        List<Long> shape = new ArrayList<>();
        boolean first = true;
        for (long size : info.getShape()) {
            if (size >= 0) {
                shape.add(size);
            } else {
                shape.add((long) (first ? batch : length));
            }
            first = false;
        }
        return shape;
    }

    private static byte[] data(String name, OnnxJavaType type, int elements, Random random) {
        ByteBuffer data = ByteBuffer.allocate(elements * type.size).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < elements; i++) {
            // Ids of the few thousand entries that every vocabulary has; a mask hides nothing.
            int id = name.contains("mask") ? 1 : name.contains("type") ? 0 : random.nextInt(1000);
            switch (type) {
                case INT64 -> data.putLong(id);
                case INT32 -> data.putInt(id);
                case FLOAT -> data.putFloat(random.nextFloat(-1, 1));
                case DOUBLE -> data.putDouble(random.nextDouble(-1, 1));
                case BOOL -> data.put((byte) (id & 1));
                default -> throw new IllegalArgumentException("no random inputs of type " + type);
            }
        }
        return data.array();
    }

    private OnnxTensor toOnnx(Tensor tensor) throws OrtException {
        ByteBuffer data =
                ByteBuffer.allocateDirect(tensor.data().length).order(ByteOrder.nativeOrder());
        data.put(tensor.data()).flip();
        long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
        return OnnxTensor.createTensor(environment, data, shape, type(tensor.type()));
    }

    private static Tensor fromOnnx(String name, OnnxTensor tensor) {
        TensorInfo info = tensor.getInfo();
        ByteBuffer buffer = tensor.getByteBuffer();
        byte[] data = new byte[buffer.remaining()];
        buffer.get(data);
        return new Tensor(
                name, type(info.type), Arrays.stream(info.getShape()).boxed().toList(), data);
    }

    private static DataType type(OnnxJavaType type) {
        return switch (type) {
            case FLOAT -> DataType.FP32;
            case DOUBLE -> DataType.FP64;
            case INT32 -> DataType.INT32;
            case INT64 -> DataType.INT64;
            case BOOL -> DataType.BOOL;
            default -> throw new IllegalArgumentException("tensors of type " + type);
        };
    }

    private static OnnxJavaType type(DataType type) {
        return switch (type) {
            case FP32 -> OnnxJavaType.FLOAT;
            case FP64 -> OnnxJavaType.DOUBLE;
            case INT32 -> OnnxJavaType.INT32;
            case INT64 -> OnnxJavaType.INT64;
            case BOOL -> OnnxJavaType.BOOL;
            default -> throw new IllegalArgumentException("tensors of type " + type);
        };
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
