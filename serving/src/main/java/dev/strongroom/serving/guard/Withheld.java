package dev.strongroom.serving.guard;

import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.PublicModel;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.TokenTerms;
import io.grpc.Status;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Gives no answers, also of calls under way: the owner's policy in force asks for what this node
 * does not do, and by the one before nobody may be answered any more. What it is that is not done
 * is said in the node's log, not to callers, of whom nobody knows here what they may learn.
 */
record Withheld() implements Guard {
    @Override
    public Optional<CompletionStage<?>> admit(
            Caller caller, PublicModel model, InferenceRequest request) throws RefusedException {
        throw refusal();
    }

    @Override
    public Shaped shape(
            Caller caller, PublicModel model, InferenceRequest request, List<Tensor> answer)
            throws RefusedException {
        throw refusal();
    }

    @Override
    public Optional<CompletionStage<?>> admitToken(Caller caller, PublicModel model)
            throws RefusedException {
        throw refusal();
    }

    @Override
    public TokenTerms terms(Caller caller, PublicModel model) throws RefusedException {
        throw refusal();
    }

    private RefusedException refusal() {
        return new RefusedException(
                Status.Code.UNAVAILABLE,
                "POLICY_NOT_ENFORCED",
                "this node cannot do what the model's owner asks for, and answers nobody until that"
                        + " is settled; its log says why, ask its operator or try another node");
    }
}
