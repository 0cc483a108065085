package dev.strongroom.serving.engine;

import ai.onnxruntime.TensorInfo.OnnxTensorType;
import java.util.Optional;

/** Element types by the names of the Open Inference Protocol. */
public enum ElementType {
    BOOL(1, 9, OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL),
    UINT8(1, 2, OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8),
    UINT16(2, 4, OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16),
    UINT32(4, 12, OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32),
    UINT64(8, 13, OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64),
    INT8(1, 3, OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8),
    INT16(2, 5, OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16),
    INT32(4, 6, OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32),
    INT64(8, 7, OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64),
    FP16(2, 10, OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16),
    /** Not in the protocol's table; Triton's name for it. */
    BF16(2, 16, OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16),
    FP32(4, 1, OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT),
    FP64(8, 11, OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE),
    /** Strings: elements of any length. */
    BYTES(0, 8, OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING);

    private final int bytes;
    private final int onnxNumber;
    private final OnnxTensorType onnx;

    ElementType(int bytes, int onnxNumber, OnnxTensorType onnx) {
        this.bytes = bytes;
        this.onnxNumber = onnxNumber;
        this.onnx = onnx;
    }

    /** Size of one element; 0 for {@link #BYTES}. */
    public int bytes() {
        return bytes;
    }

    OnnxTensorType onnx() {
        return onnx;
    }

    static Optional<ElementType> of(OnnxTensorType onnx) {
        for (ElementType type : values()) {
            if (type.onnx == onnx) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** By the number of {@code TensorProto.DataType}. */
    static Optional<ElementType> ofOnnxNumber(long number) {
        for (ElementType type : values()) {
            if (type.onnxNumber == number) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
