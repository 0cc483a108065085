package dev.strongroom.serving.infer;

import dev.strongroom.serving.engine.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** A guard that leaves each call to the one of the model that it is for. */
@FunctionalInterface
public interface ChosenGuard extends Guard {
    /** The model's guard now. */
    Guard of(PublicModel model) throws RefusedException;

    @Override
    default Optional<CompletionStage<?>> admit(
            Caller caller, PublicModel model, InferenceRequest request) throws RefusedException {
        return of(model).admit(caller, model, request);
    }

    @Override
    default Shaped shape(
            Caller caller, PublicModel model, InferenceRequest request, List<Tensor> answer)
            throws RefusedException {
        return of(model).shape(caller, model, request, answer);
    }

    @Override
    default Optional<CompletionStage<?>> admitToken(Caller caller, PublicModel model)
            throws RefusedException {
        return of(model).admitToken(caller, model);
    }

    @Override
    default TokenTerms terms(Caller caller, PublicModel model) throws RefusedException {
        return of(model).terms(caller, model);
    }
}
