package dev.strongroom.serving.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import dev.strongroom.serving.engine.Tensor.Content.Strings;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The input tensors of one run and the native memory under them. */
final class RunMemory implements AutoCloseable {
    private static final long ALIGNMENT_BYTES = 64; // a cache line, and the widest vector load

    private final OrtEnvironment environment;
    private final Arena arena = Arena.ofConfined();
    private final List<OnnxTensor> tensors = new ArrayList<>();

    RunMemory(OrtEnvironment environment) {
        this.environment = environment;
    }

    /** Copies the value's elements once and makes a tensor over the copy. */
    OnnxTensor place(Tensor value) throws OrtException {
        OnnxTensor tensor =
                switch (value.content()) {
                    case Numbers(var bytes) -> {
                        ByteBuffer memory = allocate(bytes.remaining());
                        memory.put(bytes.duplicate()).flip();
                        yield OrtTensors.over(environment, value.type(), value.shape(), memory);
                    }
                    case Strings(var values) ->
                            OnnxTensor.createTensor(
                                    environment,
                                    values.toArray(String[]::new),
                                    Shapes.array(value.shape()));
                };
        tensors.add(tensor);
        return tensor;
    }

    /** Copies the rows of all below each other and makes a tensor over them. */
    OnnxTensor place(BatchInputs batch) throws OrtException {
        ByteBuffer memory = allocate(batch.bytes());
        batch.parts().forEach(part -> memory.put(part.bytes().duplicate()));
        OnnxTensor tensor =
                OrtTensors.over(environment, batch.type(), batch.shape(), memory.flip());
        tensors.add(tensor);
        return tensor;
    }

    /** Makes a tensor over memory of the caller's, which must outlive the run. */
    OnnxTensor over(ElementType type, List<Long> shape, ByteBuffer elements) throws OrtException {
        OnnxTensor tensor = OrtTensors.over(environment, type, shape, elements);
        tensors.add(tensor);
        return tensor;
    }

    @Override
    public void close() {
        tensors.forEach(OnnxTensor::close);
        arena.close();
    }

    /** An empty tensor needs an address too. */
    private ByteBuffer allocate(int bytes) {
        var memory = arena.allocate(Math.max(bytes, 1), ALIGNMENT_BYTES).asByteBuffer();
        return memory.limit(bytes);
    }
}
