package dev.strongroom.redteam;

import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** One row as tensors have it: 32-bit floats, little-endian. */
final class RowTensor {
    private RowTensor() {}

    static Tensor of(String name, float[] row) {
        return new Tensor(
                name, ElementType.FP32, List.of(1L, (long) row.length), new Numbers(bytes(row)));
    }

    static ByteBuffer bytes(float[] row) {
        var bytes = ByteBuffer.allocate(row.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(row);
        return bytes;
    }

    /** The numbers of a tensor of floats. */
    static float[] row(Tensor tensor) {
        if (tensor.content() instanceof Numbers(var bytes)) {
            return row(bytes);
        }
        throw new IllegalArgumentException(tensor.name() + ": expected numbers");
    }

    static float[] row(ByteBuffer bytes) {
        var values = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        var row = new float[values.remaining()];
        values.get(row);
        return row;
    }
}
