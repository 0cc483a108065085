package dev.strongroom.serving.guard.shape;

import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.Tensor.Content;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The floating-point numbers of a tensor, row by row, where a row is its last dimension. */
final class Numbers {
    private static final int BF16_SHIFT = 16;

    private final ElementType type;
    private final ByteBuffer bytes;

    private Numbers(ElementType type, ByteBuffer bytes) {
        this.type = type;
        this.bytes = bytes;
    }

    static boolean areIn(Tensor tensor) {
        return tensor.content() instanceof Content.Numbers
                && switch (tensor.type()) {
                    case FP16, BF16, FP32, FP64 -> true;
                    default -> false;
                };
    }

    /** Of a tensor that has them. */
    static Numbers in(Tensor tensor) {
        if (!(tensor.content() instanceof Content.Numbers(var bytes))) {
            throw new IllegalArgumentException("no numbers in " + tensor.name());
        }
        return new Numbers(tensor.type(), bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN));
    }

    /** Room for as many. */
    static Numbers like(Tensor tensor) {
        int size = in(tensor).bytes.remaining();
        return new Numbers(tensor.type(), ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** The same ones, to be written over. */
    static Numbers copyOf(Tensor tensor) {
        Numbers copy = like(tensor);
        copy.bytes.put(0, in(tensor).bytes, in(tensor).bytes.position(), copy.bytes.capacity());
        return copy;
    }

    /** Length of a row; 1 for what has no dimensions. */
    static int rowLength(List<Long> shape) {
        return shape.isEmpty() ? 1 : Math.toIntExact(shape.getLast());
    }

    int rows(int length) {
        return length == 0 ? 0 : bytes.remaining() / type.bytes() / length;
    }

    void read(int row, double[] into) {
        int at = bytes.position() + row * into.length * type.bytes();
        for (int i = 0; i < into.length; i++, at += type.bytes()) {
            into[i] =
                    switch (type) {
                        case FP16 -> Float.float16ToFloat(bytes.getShort(at));
                        case BF16 -> Float.intBitsToFloat(bytes.getShort(at) << BF16_SHIFT);
                        case FP32 -> bytes.getFloat(at);
                        default -> bytes.getDouble(at);
                    };
        }
    }

    void write(int row, double[] values) {
        int at = row * values.length * type.bytes();
        for (int i = 0; i < values.length; i++, at += type.bytes()) {
            switch (type) {
                case FP16 -> bytes.putShort(at, Float.floatToFloat16((float) values[i]));
                case BF16 ->
                        bytes.putShort(
                                at,
                                (short)
                                        (Float.floatToRawIntBits((float) values[i])
                                                >>> BF16_SHIFT));
                case FP32 -> bytes.putFloat(at, (float) values[i]);
                default -> bytes.putDouble(at, values[i]);
            }
        }
    }

    /** A tensor of these numbers that is otherwise like the other. */
    Tensor as(Tensor other) {
        return new Tensor(other.name(), other.type(), other.shape(), new Content.Numbers(bytes));
    }

    /** The distance from a number to the next one that the type has, or a little more. */
    static double step(ElementType type, double value) {
        double size = Math.max(Math.abs(value), Float.MIN_NORMAL);
        return switch (type) {
            case BF16 -> size * 0x1p-7;
            case FP16 -> Math.max(size * 0x1p-10, 0x1p-14);
            case FP32 -> size * 0x1p-23;
            default -> size * 0x1p-52;
        };
    }

    /** Digits of a number below one that survive the type. */
    static int digits(ElementType type) {
        return switch (type) {
            case BF16 -> 2;
            case FP16 -> 3;
            case FP32 -> 6;
            default -> 9;
        };
    }
}
