package dev.strongroom.fingerprint;

/**
 * A weight matrix.
 *
 * @param name in the original's graph
 * @param values row-major, {@code rows * columns} of them
 */
public record Matrix(String name, int rows, int columns, float[] values) {
    public Matrix {
        if ((long) rows * columns != values.length) {
            throw new IllegalArgumentException(
                    "matrix '%s': %d x %d does not make %d values"
                            .formatted(name, rows, columns, values.length));
        }
    }

    float at(int row, int column) {
        return values[row * columns + column];
    }

    Matrix transposed() {
        float[] turned = new float[values.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                turned[column * rows + row] = values[row * columns + column];
            }
        }
        return new Matrix(name, columns, rows, turned);
    }
}
