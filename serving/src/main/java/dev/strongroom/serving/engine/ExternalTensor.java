package dev.strongroom.serving.engine;

import java.util.List;

/**
 * An initialiser that lives in a weights file.
 *
 * @param name in the graph
 * @param type of its elements
 * @param shape fixed sizes
 * @param file name of the weights file
 * @param offset of the first byte in the file
 * @param bytes exactly the elements
 */
record ExternalTensor(
        String name, ElementType type, List<Long> shape, String file, long offset, long bytes) {
    ExternalTensor {
        shape = List.copyOf(shape);
    }
}
