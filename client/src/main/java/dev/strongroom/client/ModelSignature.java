package dev.strongroom.client;

import java.util.List;

/** What a model takes and gives. */
public record ModelSignature(List<Port> inputs, List<Port> outputs) {
    /**
     * One tensor of the signature.
     *
     * @param shape -1 where any size is taken
     */
    public record Port(String name, DataType type, List<Long> shape) {
        public Port {
            shape = List.copyOf(shape);
        }
    }

    public ModelSignature {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }
}
