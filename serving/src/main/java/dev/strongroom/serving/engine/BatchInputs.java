package dev.strongroom.serving.engine;

import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import java.util.ArrayList;
import java.util.List;

/** One input of several requests as one tensor: their rows below each other. */
record BatchInputs(String name, ElementType type, List<Long> shape, List<Numbers> parts) {
    /**
     * @param requests of the same model, which differ in their numbers of rows only
     * @param input place among a request's tensors
     */
    static BatchInputs of(List<List<Tensor>> requests, int input) {
        Tensor first = requests.getFirst().get(input);
        var parts = new ArrayList<Numbers>(requests.size());
        long rows = 0;
        for (List<Tensor> request : requests) {
            Tensor tensor = request.get(input);
            if (!(tensor.content() instanceof Numbers numbers)) {
                throw new IllegalArgumentException("strings do not run in batches");
            }
            parts.add(numbers);
            rows += tensor.shape().getFirst();
        }
        var shape = new ArrayList<>(first.shape());
        shape.set(0, rows);
        return new BatchInputs(first.name(), first.type(), shape, parts);
    }

    int bytes() {
        return Math.toIntExact(parts.stream().mapToLong(part -> part.bytes().remaining()).sum());
    }
}
