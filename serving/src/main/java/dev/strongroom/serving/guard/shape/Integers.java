package dev.strongroom.serving.guard.shape;

import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.Tensor.Content;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Scores that a model gives as integers, as quantised ones do: coarser by whole units, never of
 * another best class. Numbers of any integer type are longs of the same order here.
 *
 * <p>Integers of 8 and 16 bits are scores wherever nothing else is said, those of 32 and 64 bits
 * the classes and tokens themselves.
 */
final class Integers {
    private Integers() {}

    static boolean areIn(Tensor tensor) {
        return tensor.content() instanceof Content.Numbers
                && switch (tensor.type()) {
                    case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 -> true;
                    default -> false;
                };
    }

    /** Whether they are scores where the policy leaves that open. */
    static boolean areScores(ElementType type) {
        return type.bytes() <= Short.BYTES;
    }

    /** What is done to each row. */
    @FunctionalInterface
    interface Coarsening {
        void of(long[] row);
    }

    /** A tensor of coarser rows. */
    static Tensor coarsened(Tensor tensor, int length, Coarsening coarsening) {
        if (!(tensor.content() instanceof Content.Numbers(var numbers))) {
            throw new IllegalArgumentException("no numbers in " + tensor.name());
        }
        ByteBuffer from = numbers.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer to = ByteBuffer.allocate(from.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        var row = new long[length];
        while (length > 0 && from.hasRemaining()) {
            for (int i = 0; i < length; i++) {
                row[i] = read(from, tensor.type());
            }
            coarsening.of(row);
            for (long value : row) {
                write(to, tensor.type(), value);
            }
        }
        return new Tensor(
                tensor.name(), tensor.type(), tensor.shape(), new Content.Numbers(to.flip()));
    }

    /** Keeps so many digits of the row's greatest number; whatever was less stays less. */
    static void round(long[] row, ElementType type, int digits) {
        long unit = unit(row, digits);
        if (unit == 1) {
            return;
        }
        long[] before = row.clone();
        int best = best(row);
        for (int i = 0; i < row.length; i++) {
            long over = Math.floorMod(row[i], unit);
            row[i] = row[i] < least(type) + over ? least(type) : row[i] - over;
        }
        long top = row[best];
        if (IntStream.range(0, row.length)
                .anyMatch(i -> row[i] == top && before[i] < before[best])) {
            long lifted =
                    top > most(type) - unit
                            ? most(type)
                            : top + unit; // there is room: something less is here
            for (int i = 0; i < row.length; i++) {
                row[i] = before[i] == before[best] ? lifted : row[i];
            }
        }
    }

    private static long unit(long[] row, int digits) {
        double largest = 1;
        for (long value : row) {
            largest = Math.max(largest, Math.abs((double) value));
        }
        return (long) Math.clamp(Math.pow(10, Math.ceil(Math.log10(largest)) - digits), 1, 1e18);
    }

    /**
     * Keeps the {@code k} best, the earlier of equals first; the others become the type's least.
     */
    static void keepBest(long[] row, ElementType type, int k) {
        List<Integer> hidden =
                IntStream.range(0, row.length)
                        .boxed()
                        .sorted(
                                Comparator.comparingLong((Integer i) -> row[i])
                                        .reversed()) // stable
                        .skip(k)
                        .toList();
        hidden.forEach(i -> row[i] = least(type));
    }

    /** Only the best class. */
    static void only(long[] row, ElementType type) {
        int best = best(row);
        Arrays.fill(row, zero(type));
        row[best]++;
    }

    private static int best(long[] row) {
        int best = 0;
        for (int i = 1; i < row.length; i++) {
            best = row[i] > row[best] ? i : best;
        }
        return best;
    }

    private static long least(ElementType type) {
        return switch (type) {
            case UINT8, UINT16, UINT32 -> 0;
            case INT8 -> Byte.MIN_VALUE;
            case INT16 -> Short.MIN_VALUE;
            case INT32 -> Integer.MIN_VALUE;
            default -> Long.MIN_VALUE;
        };
    }

    private static long most(ElementType type) {
        return switch (type) {
            case UINT8 -> 0xffL;
            case UINT16 -> 0xffffL;
            case UINT32 -> 0xffff_ffffL;
            case INT8 -> Byte.MAX_VALUE;
            case INT16 -> Short.MAX_VALUE;
            case INT32 -> Integer.MAX_VALUE;
            default -> Long.MAX_VALUE;
        };
    }

    private static long zero(ElementType type) {
        return type == ElementType.UINT64 ? Long.MIN_VALUE : 0;
    }

    private static long read(ByteBuffer from, ElementType type) {
        return switch (type) {
            case UINT8 -> Byte.toUnsignedLong(from.get());
            case UINT16 -> Short.toUnsignedLong(from.getShort());
            case UINT32 -> Integer.toUnsignedLong(from.getInt());
            case UINT64 -> from.getLong() ^ Long.MIN_VALUE; // same order
            case INT8 -> from.get();
            case INT16 -> from.getShort();
            case INT32 -> from.getInt();
            default -> from.getLong();
        };
    }

    private static void write(ByteBuffer to, ElementType type, long value) {
        switch (type.bytes()) {
            case Byte.BYTES -> to.put((byte) value);
            case Short.BYTES -> to.putShort((short) value);
            case Integer.BYTES -> to.putInt((int) value);
            default -> to.putLong(type == ElementType.UINT64 ? value ^ Long.MIN_VALUE : value);
        }
    }
}
