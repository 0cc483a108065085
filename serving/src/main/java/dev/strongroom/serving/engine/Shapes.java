package dev.strongroom.serving.engine;

import java.util.List;

/** Arithmetic on tensor shapes that cannot wrap around. */
public final class Shapes {
    private Shapes() {}

    /**
     * The number of elements; 1 for a scalar.
     *
     * @throws ArithmeticException if a size is negative, or the product without the zero sizes
     *     exceeds 63 bits
     */
    public static long elements(List<Long> shape) {
        long product = 1;
        boolean empty = false;
        for (long size : shape) {
            if (size < 0) {
                throw new ArithmeticException("negative size");
            }
            if (size == 0) {
                empty = true;
            } else {
                product = Math.multiplyExact(product, size);
            }
        }
        return empty ? 0 : product;
    }

    static long[] array(List<Long> shape) {
        var sizes = new long[shape.size()];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = shape.get(i);
        }
        return sizes;
    }
}
