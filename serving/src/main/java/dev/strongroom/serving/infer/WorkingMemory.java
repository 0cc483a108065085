package dev.strongroom.serving.infer;

import dev.strongroom.serving.engine.TensorSignature;
import java.util.List;

/**
 * How large a tensor a graph may need between its inputs and its answer, judged by what a caller
 * chose: everything that attends over a sequence, or pairs rows, makes tensors of all open sizes of
 * an input times the largest of them once more. What the graph itself fixes is its owner's choice.
 */
final class WorkingMemory {
    private static final int BYTES = Float.BYTES; // what most graphs compute in

    private WorkingMemory() {}

    static void require(TensorSignature signature, List<Long> shape, long bytes)
            throws RefusedException {
        double all = 1;
        double largest = 1;
        for (int i = 0; i < shape.size(); i++) {
            if (signature.shape().isEmpty() || signature.shape().get(i) < 0) {
                all *= Math.max(1, shape.get(i));
                largest = Math.max(largest, shape.get(i));
            }
        }
        double needed = all * largest * BYTES;
        if (needed > bytes) {
            throw RefusedException.invalid(
                    "INPUT_TOO_LARGE",
                    "input '%s': at shape %s a graph may need %.0f MiB in one tensor, and this node"
                                    .formatted(
                                            signature.name(),
                                            InferenceRequest.brief(shape),
                                            needed / (1 << 20))
                            + " gives %d (limits.workingBytes); send fewer or shorter rows"
                                    .formatted(bytes >> 20));
        }
    }
}
