package dev.strongroom.serving.infer;

import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Shapes;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.Tensor.Content;
import dev.strongroom.serving.engine.TensorSignature;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Rows of a model's own shapes whose values mean nothing.
 *
 * @param rows of each tensor whose first size the model leaves open
 * @param size that every other open one gets
 * @param integersBelow what integers are from zero on; many models look them up in tables, whose
 *     sizes nobody says
 */
public record SampleRows(int rows, int size, int integersBelow) {
    /** One tensor for each input; the same ones for the same random numbers. */
    public List<Tensor> of(List<TensorSignature> inputs, Random random) {
        return inputs.stream().map(input -> of(input, random)).toList();
    }

    private Tensor of(TensorSignature input, Random random) {
        var shape = new ArrayList<Long>();
        for (long each : input.shape()) {
            shape.add(each >= 0 ? each : shape.isEmpty() ? rows : size);
        }
        int elements = Math.toIntExact(Shapes.elements(shape));
        return new Tensor(input.name(), input.type(), shape, content(input, elements, random));
    }

    private Content content(TensorSignature input, int elements, Random random) {
        if (input.type() == ElementType.BYTES) {
            return new Content.Strings(Collections.nCopies(elements, "a"));
        }
        var bytes =
                ByteBuffer.allocate(Math.multiplyExact(elements, input.type().bytes()))
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < elements; i++) {
            put(input.type(), bytes, random);
        }
        return new Content.Numbers(bytes.flip());
    }

    private void put(ElementType type, ByteBuffer out, Random random) {
        switch (type) {
            case FP32 -> out.putFloat((float) random.nextGaussian());
            case FP64 -> out.putDouble(random.nextGaussian());
            case FP16 -> out.putShort(Float.floatToFloat16((float) random.nextGaussian()));
            case BF16 ->
                    out.putShort(
                            (short)
                                    (Float.floatToRawIntBits((float) random.nextGaussian())
                                            >>> Short.SIZE));
            case INT64, UINT64 -> out.putLong(random.nextInt(integersBelow));
            case INT32, UINT32 -> out.putInt(random.nextInt(integersBelow));
            case INT16, UINT16 -> out.putShort((short) random.nextInt(integersBelow));
            case INT8, UINT8 -> out.put((byte) random.nextInt(integersBelow));
            case BOOL -> out.put((byte) random.nextInt(2));
            case BYTES -> throw new IllegalArgumentException("no number");
        }
    }
}
