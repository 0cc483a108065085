package dev.strongroom.serving.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.strongroom.serving.engine.Tensor.Content;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Copies what a run gave out of the session's memory. */
final class OutputTensors {
    private OutputTensors() {}

    static Tensor read(TensorSignature output, OrtSession.Result result)
            throws OrtException, InferenceException {
        if (!(result.get(output.name()).orElseThrow() instanceof OnnxTensor tensor)) {
            throw new InferenceException(
                    InferenceException.Fault.ENGINE,
                    "output '" + output.name() + "' is not a dense tensor");
        }
        List<Long> shape = new ArrayList<>();
        for (long size : tensor.getInfo().getShape()) {
            shape.add(size);
        }
        return new Tensor(output.name(), output.type(), shape, content(output, tensor, shape));
    }

    private static Content content(TensorSignature output, OnnxTensor tensor, List<Long> shape)
            throws OrtException {
        if (Shapes.elements(shape) == 0) {
            return output.type() == ElementType.BYTES
                    ? new Content.Strings(List.of())
                    : new Content.Numbers(ByteBuffer.allocate(0));
        }
        if (output.type() == ElementType.BYTES) {
            List<String> values = new ArrayList<>();
            flatten(tensor.getValue(), values);
            return new Content.Strings(values);
        }
        return new Content.Numbers(tensor.getByteBuffer());
    }

    /** A string tensor comes as arrays of arrays, row-major. */
    private static void flatten(Object value, List<String> into) {
        if (value instanceof Object[] row) {
            for (Object element : row) {
                flatten(element, into);
            }
        } else {
            into.add((String) value);
        }
    }
}
