package dev.strongroom.serving.guard;

import dev.strongroom.crypto.output.Tier;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.TensorSignature;
import dev.strongroom.serving.guard.shape.Shaper;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.PublicModel;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Status;
import java.util.Set;

/** Which outputs a tier may ask for, and with which inputs. Thread-safe. */
record AskedOutputs(Shaper shaper) {
    private static final String BIAS = "logit_bias";

    /**
     * Refuses what would show nothing, or too much.
     *
     * @throws RefusedException OUTPUT_WITHHELD, BIAS_WITHHELD
     */
    void require(Tier tier, PublicModel model, InferenceRequest request) throws RefusedException {
        if (!showsAny(tier, request.outputs())) {
            throw new RefusedException(
                    Status.Code.PERMISSION_DENIED,
                    "OUTPUT_WITHHELD",
                    "tier %s is shown none of these outputs".formatted(tier.name().label()));
        }
        if (isBiased(request)
                && model.outputs().stream().anyMatch(it -> scores(tier, request, it))) {
            throw new RefusedException(
                    Status.Code.PERMISSION_DENIED,
                    "BIAS_WITHHELD",
                    "a bias of logits goes together with labels and tokens only, since scores would"
                            + " give away logits one by one; ask for other outputs");
        }
    }

    /** Whether an output that is asked for shows more than classes or tokens. */
    private boolean scores(Tier tier, InferenceRequest request, TensorSignature output) {
        return request.outputs().contains(output.name())
                && shaper.kind(tier, output.name())
                        .filter(kind -> Shaper.areScores(kind, output.type()))
                        .isPresent();
    }

    private boolean showsAny(Tier tier, Set<String> outputs) {
        for (String output : outputs) {
            if (shaper.kind(tier, output).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBiased(InferenceRequest request) {
        for (Tensor input : request.inputs()) {
            if (isBias(input)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBias(Tensor input) {
        if (!input.name().contains(BIAS)
                || !(input.content() instanceof Tensor.Content.Numbers(var bytes))) {
            return false;
        }
        for (int at = bytes.position(); at < bytes.limit(); at++) {
            if (bytes.get(at) != 0) {
                return true;
            }
        }
        return false;
    }
}
