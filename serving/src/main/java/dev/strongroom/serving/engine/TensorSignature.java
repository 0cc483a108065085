package dev.strongroom.serving.engine;

import java.util.List;

/**
 * One input or output of a model.
 *
 * @param name as in the graph
 * @param type of its elements
 * @param shape row-major; -1 is any size
 */
public record TensorSignature(String name, ElementType type, List<Long> shape) {
    public TensorSignature {
        shape = List.copyOf(shape);
    }
}
