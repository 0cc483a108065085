package dev.strongroom.client;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * A named tensor: what goes into a model and comes out of it. Elements are little-endian in
 * row-major order; strings carry a 32-bit length before each.
 *
 * <p>Immutable as long as nobody writes to the array that was given; thread-safe.
 *
 * @param shape sizes, none negative; their product is the number of elements
 * @param data the elements' bytes
 */
public record Tensor(String name, DataType type, List<Long> shape, byte[] data) {
    public Tensor {
        shape = List.copyOf(shape);
        long elements = 1;
        for (long size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException(
                        "tensor " + name + ": size " + size + " (expected: >= 0)");
            }
            elements = Math.multiplyExact(elements, size);
        }
        if (type != DataType.BYTES && Math.multiplyExact(elements, type.bytes()) != data.length) {
            throw new IllegalArgumentException(
                    "tensor "
                            + name
                            + ": shape "
                            + shape
                            + " of "
                            + type
                            + " takes "
                            + elements * type.bytes()
                            + " bytes, got "
                            + data.length);
        }
    }

    public static Tensor ofFloats(String name, List<Long> shape, float... values) {
        byte[] data = new byte[values.length * Float.BYTES];
        littleEndian(data).asFloatBuffer().put(values);
        return new Tensor(name, DataType.FP32, shape, data);
    }

    public static Tensor ofLongs(String name, List<Long> shape, long... values) {
        byte[] data = new byte[values.length * Long.BYTES];
        littleEndian(data).asLongBuffer().put(values);
        return new Tensor(name, DataType.INT64, shape, data);
    }

    /**
     * The elements of an FP32 tensor.
     *
     * @throws IllegalStateException for another type
     */
    public float[] floats() {
        requireType(DataType.FP32);
        float[] values = new float[data.length / Float.BYTES];
        buffer().asFloatBuffer().get(values);
        return values;
    }

    /**
     * The elements of an INT64 tensor.
     *
     * @throws IllegalStateException for another type
     */
    public long[] longs() {
        requireType(DataType.INT64);
        long[] values = new long[data.length / Long.BYTES];
        buffer().asLongBuffer().get(values);
        return values;
    }

    /** A little-endian view of the elements. */
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(data).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Without the elements: they are the caller's data. */
    @Override
    public String toString() {
        return "Tensor[" + name + ", " + type + ", " + shape + "]";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tensor tensor
                && name.equals(tensor.name)
                && type == tensor.type
                && shape.equals(tensor.shape)
                && Arrays.equals(data, tensor.data);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + Arrays.hashCode(data);
    }

    private void requireType(DataType wanted) {
        if (type != wanted) {
            throw new IllegalStateException(
                    "tensor " + name + " is of " + type + ", not " + wanted);
        }
    }

    private static ByteBuffer littleEndian(byte[] data) {
        return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    }
}
