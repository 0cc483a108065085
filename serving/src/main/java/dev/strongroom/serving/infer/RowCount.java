package dev.strongroom.serving.infer;

import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.TensorSignature;
import java.util.List;

/**
 * How many questions a request asks. A model whose first dimension is open has its rows there.
 * Where that one is fixed and others are open, rows can lie along each of those: all of them count.
 */
public final class RowCount {
    private RowCount() {}

    /**
     * The most rows that any input has; at least one.
     *
     * @param signatures of the model's inputs
     * @param inputs that fit them, in the same order
     */
    public static long of(List<TensorSignature> signatures, List<Tensor> inputs) {
        long rows = 1;
        for (int i = 0; i < signatures.size(); i++) {
            rows = Math.max(rows, rows(signatures.get(i).shape(), inputs.get(i).shape()));
        }
        return rows;
    }

    private static long rows(List<Long> declared, List<Long> shape) {
        if (shape.isEmpty()) {
            return 1;
        }
        if (declared.isEmpty()) { // of unknown rank: any dimension but a vector's can hold rows
            return product(shape.subList(0, Math.max(1, shape.size() - 1)));
        }
        long first = shape.getFirst();
        if (declared.getFirst() < 0) {
            return first;
        }
        long rows = declared.size() > 1 ? first : 1;
        for (int i = 1; i < shape.size(); i++) {
            if (declared.get(i) < 0) {
                rows = times(rows, shape.get(i));
            }
        }
        return rows;
    }

    private static long product(List<Long> sizes) {
        long product = 1;
        for (long size : sizes) {
            product = times(product, size);
        }
        return product;
    }

    /** Of sizes, none of which is negative; what is too large is the largest there is. */
    private static long times(long a, long b) {
        return Math.multiplyHigh(a, b) == 0 && a * b >= 0 ? a * b : Long.MAX_VALUE;
    }
}
