package dev.strongroom.serving.guard;

import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.guard.limit.Account;
import dev.strongroom.serving.infer.InferenceRequest;
import java.util.List;
import java.util.OptionalDouble;

/** Looks at questions and answers for signs of extraction. Thread-safe. */
@FunctionalInterface
public interface Watch {
    /** Watches nothing: the policy says so, or the version has no calibration. */
    Watch NONE = (_, _, _) -> true;

    /** Shows every row to the detector and the graph of colluders. */
    static Watch of(RowWatch rows) {
        return (account, request, answer) -> {
            OptionalDouble pooled =
                    rows.observe(account.id(), account.process(), request.inputs(), answer);
            pooled.ifPresent(account::pool);
            return pooled.isPresent();
        };
    }

    /**
     * Adds what a question and its answer tell to the evidence against who asked.
     *
     * @param account of the caller, locked
     * @param answer before anything was taken from it
     * @return false when it could not be judged, though others are
     */
    boolean observe(Account account, InferenceRequest request, List<Tensor> answer);
}
