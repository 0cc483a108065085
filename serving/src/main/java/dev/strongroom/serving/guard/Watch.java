package dev.strongroom.serving.guard;

import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.infer.InferenceRequest;
import java.util.List;

/** Looks at questions and answers for signs of extraction. Thread-safe. */
@FunctionalInterface
public interface Watch {
    /** Watches nothing: the policy says so, or the version has no calibration. */
    Watch NONE = (_, _, _) -> new Signs.Judged(List.of(), 1);

    /** Shows every row to the detector and the graph of colluders. */
    static Watch of(RowWatch rows) {
        return (principal, request, answer) -> rows.observe(principal, request.inputs(), answer);
    }

    /**
     * Judges a question and its answer. Takes its time: to be called under no lock.
     *
     * @param principal who asked
     * @param answer before anything was taken from it
     */
    Signs observe(long principal, InferenceRequest request, List<Tensor> answer);
}
