package dev.strongroom.serving.rest;

import dev.strongroom.serving.engine.ElementType;
import java.util.Map;

/**
 * Which outputs are to come as binary data.
 *
 * @param otherwise of those that are not named
 * @param named by the name of the output
 */
record OutputForms(boolean otherwise, Map<String, Boolean> named) {
    /** Half floats have no form in JSON. */
    boolean binary(String output, ElementType type) {
        return type == ElementType.FP16
                || type == ElementType.BF16
                || named.getOrDefault(output, otherwise);
    }
}
