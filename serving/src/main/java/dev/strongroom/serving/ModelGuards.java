package dev.strongroom.serving;

import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.infer.TokenTerms;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Asks the guard of the model that a call is for.
 *
 * @param byName of a model that was in memory once
 */
record ModelGuards(Function<String, Guard> byName) implements Guard {
    @Override
    public Optional<CompletionStage<?>> admit(
            Caller caller, ServedModel model, InferenceRequest request) throws RefusedException {
        return of(model).admit(caller, model, request);
    }

    @Override
    public Shaped shape(
            Caller caller, ServedModel model, InferenceRequest request, List<Tensor> answer)
            throws RefusedException {
        return of(model).shape(caller, model, request, answer);
    }

    @Override
    public Optional<CompletionStage<?>> admitToken(Caller caller, ServedModel model)
            throws RefusedException {
        return of(model).admitToken(caller, model);
    }

    @Override
    public TokenTerms terms(Caller caller, ServedModel model) throws RefusedException {
        return of(model).terms(caller, model);
    }

    private Guard of(ServedModel model) {
        return byName.apply(model.name());
    }
}
