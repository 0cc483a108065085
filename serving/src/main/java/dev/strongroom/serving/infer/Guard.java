package dev.strongroom.serving.infer;

import dev.strongroom.attestation.Digest;
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
                        Caller caller, PublicModel model, InferenceRequest request) {
                    return Optional.empty();
                }

                @Override
                public Shaped shape(
                        Caller caller,
                        PublicModel model,
                        InferenceRequest request,
                        List<Tensor> answer) {
                    return new Shaped(answer, Optional.empty(), Optional.empty());
                }

                @Override
                public Optional<CompletionStage<?>> admitToken(Caller caller, PublicModel model) {
                    return Optional.empty();
                }

                @Override
                public TokenTerms terms(Caller caller, PublicModel model) {
                    return TokenTerms.MOST;
                }
            };

    /**
     * Of a request that fits the model, before it waits. Called by a thread of the transport.
     *
     * @return empty: admitted; else ask again once this has completed, or refuse as it did
     */
    Optional<CompletionStage<?>> admit(Caller caller, PublicModel model, InferenceRequest request)
            throws RefusedException;

    /**
     * What a caller gets.
     *
     * @param answer in the model's order, without what the caller does not see
     * @param policy digest of the owner's document by which it was shaped
     * @param ticket by which the caller may appeal, when he gets less than others
     */
    record Shaped(List<Tensor> answer, Optional<Digest> policy, Optional<String> ticket) {
        public Shaped {
            answer = List.copyOf(answer);
        }
    }

    /** What the caller gets of the model's answer. */
    Shaped shape(Caller caller, PublicModel model, InferenceRequest request, List<Tensor> answer)
            throws RefusedException;

    /**
     * Of one step more of a sequence, before it is computed: a part of its prompt that is read, or
     * a token that is generated. It counts as one row.
     *
     * @return as {@link #admit}
     */
    Optional<CompletionStage<?>> admitToken(Caller caller, PublicModel model)
            throws RefusedException;

    /** What the caller may see of a generated token beside the token. */
    TokenTerms terms(Caller caller, PublicModel model) throws RefusedException;
}
