package dev.strongroom.serving.guard;

import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.ServedModel;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The guard by the policy in force, which may change under running calls. Thread-safe. */
public final class LiveGuard implements Guard {
    private volatile PolicyGuard inForce;

    public LiveGuard(PolicyGuard first) {
        this.inForce = first;
    }

    /** From now on this one. */
    public void follow(PolicyGuard next) {
        inForce = next;
    }

    @Override
    public Optional<CompletionStage<?>> admit(
            Caller caller, ServedModel model, InferenceRequest request) throws RefusedException {
        return inForce.admit(caller, model, request);
    }

    @Override
    public List<Tensor> shape(
            Caller caller, ServedModel model, InferenceRequest request, List<Tensor> answer)
            throws RefusedException {
        return inForce.shape(caller, model, request, answer);
    }
}
