package dev.strongroom.serving.infer;

import dev.strongroom.serving.engine.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Stands on both sides of the model: what it refuses never waits nor runs, and nothing that a model
 * gave reaches a caller before it was here. Implementations are thread-safe and do not block.
 */
public interface Guard {
    /** Lets every request through and leaves every answer as it is. */
    Guard OPEN =
            new Guard() {
                @Override
                public Optional<CompletionStage<?>> admit(
                        Caller caller, ServedModel model, InferenceRequest request) {
                    return Optional.empty();
                }

                @Override
                public List<Tensor> shape(
                        Caller caller,
                        ServedModel model,
                        InferenceRequest request,
                        List<Tensor> answer) {
                    return answer;
                }
            };

    /**
     * Of a request that fits the model, before it waits. Called by a thread of the transport.
     *
     * @return empty: admitted; else ask again once this has completed, or refuse as it did
     */
    Optional<CompletionStage<?>> admit(Caller caller, ServedModel model, InferenceRequest request)
            throws RefusedException;

    /** What the caller gets of the model's answer. */
    List<Tensor> shape(
            Caller caller, ServedModel model, InferenceRequest request, List<Tensor> answer)
            throws RefusedException;
}
