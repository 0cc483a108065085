package dev.strongroom.serving.rest;

import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.PublicModel;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.TokenTerms;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** An open guard that a test holds up before it lets a request through. */
record GuardBefore(Runnable step) implements Guard {
    @Override
    public Optional<CompletionStage<?>> admit(
            Caller caller, PublicModel model, InferenceRequest request) throws RefusedException {
        step.run();
        return OPEN.admit(caller, model, request);
    }

    @Override
    public Shaped shape(
            Caller caller, PublicModel model, InferenceRequest request, List<Tensor> answer)
            throws RefusedException {
        return OPEN.shape(caller, model, request, answer);
    }

    @Override
    public Optional<CompletionStage<?>> admitToken(Caller caller, PublicModel model)
            throws RefusedException {
        return OPEN.admitToken(caller, model);
    }

    @Override
    public TokenTerms terms(Caller caller, PublicModel model) throws RefusedException {
        return OPEN.terms(caller, model);
    }
}
