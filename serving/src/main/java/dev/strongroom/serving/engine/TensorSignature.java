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
    /** Names that begin so are for the guard, and no caller sees them. */
    public static final String HIDDEN = "strongroom.";

    /** The tensor before a classifier's last layer, where its owner tapped it for the detector. */
    public static final String PENULTIMATE = HIDDEN + "penultimate";

    public TensorSignature {
        shape = List.copyOf(shape);
    }

    boolean isHidden() {
        return name.startsWith(HIDDEN);
    }
}
