package dev.strongroom.serving.engine;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Makes ONNX Runtime tensors over native memory, without a copy. */
final class OrtTensors {
    private OrtTensors() {}

    /**
     * A tensor over the buffer's memory, which must outlive it.
     *
     * @param memory direct, from position to limit exactly the elements
     */
    static OnnxTensor over(
            OrtEnvironment environment, ElementType type, List<Long> shape, ByteBuffer memory)
            throws OrtException {
        if (!memory.isDirect()) {
            throw new IllegalArgumentException("tensor memory must be native");
        }
        ByteBuffer elements = memory.slice().order(ByteOrder.nativeOrder());
        long[] sizes = Shapes.array(shape);
        return switch (type) {
            case BOOL -> OnnxTensor.createTensor(environment, elements, sizes, OnnxJavaType.BOOL);
            case UINT8 -> OnnxTensor.createTensor(environment, elements, sizes, OnnxJavaType.UINT8);
            case INT8 -> OnnxTensor.createTensor(environment, elements, sizes, OnnxJavaType.INT8);
            case INT16 ->
                    OnnxTensor.createTensor(
                            environment, elements.asShortBuffer(), sizes, OnnxJavaType.INT16);
            case FP16 ->
                    OnnxTensor.createTensor(
                            environment, elements.asShortBuffer(), sizes, OnnxJavaType.FLOAT16);
            case BF16 ->
                    OnnxTensor.createTensor(
                            environment, elements.asShortBuffer(), sizes, OnnxJavaType.BFLOAT16);
            case INT32 -> OnnxTensor.createTensor(environment, elements.asIntBuffer(), sizes);
            case INT64 -> OnnxTensor.createTensor(environment, elements.asLongBuffer(), sizes);
            case FP32 -> OnnxTensor.createTensor(environment, elements.asFloatBuffer(), sizes);
            case FP64 -> OnnxTensor.createTensor(environment, elements.asDoubleBuffer(), sizes);
            case UINT16, UINT32, UINT64 -> UnsignedTensors.over(environment, type, sizes, elements);
            case BYTES -> throw new IllegalArgumentException("strings have no flat memory");
        };
    }
}
