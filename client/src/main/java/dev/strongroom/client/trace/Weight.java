package dev.strongroom.client.trace;

import java.util.List;

/**
 * One initialiser of a graph as floats, whatever it was stored as.
 *
 * @param shape fixed sizes
 * @param values row-major
 */
record Weight(String name, List<Long> shape, float[] values) {
    Weight {
        shape = List.copyOf(shape);
    }

    Weight named(String other) {
        return new Weight(other, shape, values);
    }
}
