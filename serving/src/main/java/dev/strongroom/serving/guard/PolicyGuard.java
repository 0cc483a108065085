package dev.strongroom.serving.guard;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.ShownOutput.Kind;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.TensorSignature;
import dev.strongroom.serving.guard.limit.Account;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.limit.Asker;
import dev.strongroom.serving.guard.limit.Limits;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.guard.shape.Shaper;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.ServedModel;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Enforces an owner's output policy: who is in which tier, how much each may ask, and what an
 * answer shows. It degrades; statistics alone never lock anybody out, and the best class of an
 * answer is never changed.
 *
 * <p>Thread-safe; never blocks.
 */
public final class PolicyGuard implements Guard {
    private static final Rung UNJUDGED = Rung.TOP1; // else a size nobody calibrated would hide all
    private static final String BIAS = "logit_bias";

    private final OutputPolicy policy;
    private final Memory memory;
    private final Accounts accounts;
    private final Limits limits;
    private final Shaper shaper;
    private final Watch watch;
    private final GuardEvents events;
    private final GuardMeters meters;

    /** Whether what was known of callers is known still. */
    public enum Memory {
        WHOLE,
        /** Lost or old: everybody has the strictest tier until the owner signs a new policy. */
        LOST
    }

    /** What a guard works with. */
    public record Parts(
            Accounts accounts,
            Limits limits,
            Shaper shaper,
            Watch watch,
            GuardEvents events,
            GuardMeters meters) {}

    public PolicyGuard(OutputPolicy policy, Memory memory, Parts parts) {
        this.policy = policy;
        this.memory = memory;
        this.accounts = parts.accounts();
        this.limits = parts.limits();
        this.shaper = parts.shaper();
        this.watch = parts.watch();
        this.events = parts.events();
        this.meters = parts.meters();
    }

    @Override
    public Optional<CompletionStage<?>> admit(
            Caller caller, ServedModel model, InferenceRequest request) throws RefusedException {
        Tier tier = tier(caller);
        var asker = Asker.of(caller.identity(), caller.group(), caller.source());
        try {
            requireShown(tier, request);
            return limits.admit(asker, tier, rows(model, request)).map(asked -> asked);
        } catch (RefusedException e) {
            meters.refused(model.name(), tier.name(), e.reason());
            events.refused(caller, model, asker.id(), e.reason());
            throw e;
        }
    }

    @Override
    public List<Tensor> shape(
            Caller caller, ServedModel model, InferenceRequest request, List<Tensor> answer)
            throws RefusedException {
        Tier tier = tier(caller);
        long id = Accounts.id(caller.identity());
        Rung rung = accounts.use(id, account -> observed(account, caller, model, request, answer));
        var shaped = new ArrayList<Tensor>(answer.size());
        for (Tensor output : answer) {
            Optional<Kind> kind = shaper.kind(tier, output.name());
            kind.ifPresent(
                    known -> shaped.add(shaper.shape(output, known, tier, rung, caller.tenant())));
        }
        meters.answered(model.name(), tier.name(), rung, rows(model, request));
        return shaped;
    }

    private Rung observed(
            Account account,
            Caller caller,
            ServedModel model,
            InferenceRequest request,
            List<Tensor> answer)
            throws RefusedException {
        boolean judged = watch.observe(account, request, answer);
        if (account.climb(policy.ladder())) {
            events.moved(
                    caller,
                    model,
                    Accounts.id(caller.identity()),
                    account.rung(),
                    account.evidence());
            meters.moved(model.name(), tier(caller).name(), account.rung());
        }
        return judged ? account.rung() : account.rung().orCoarser(UNJUDGED);
    }

    private Tier tier(Caller caller) throws RefusedException {
        Optional<Tier> vouched =
                policy.tierOf(caller.issuer(), caller.tenant(), caller.role(), caller.key());
        if (vouched.isEmpty()) {
            throw new RefusedException(
                    Status.Code.PERMISSION_DENIED,
                    "NO_TIER",
                    "the model's output policy vouches for no tier for %s; ask the model's owner"
                            .formatted(caller.identity()));
        }
        return memory == Memory.WHOLE ? vouched.get() : Limits.strictest(policy);
    }

    private void requireShown(Tier tier, InferenceRequest request) throws RefusedException {
        if (request.outputs().stream().noneMatch(name -> shaper.kind(tier, name).isPresent())) {
            throw new RefusedException(
                    Status.Code.PERMISSION_DENIED,
                    "OUTPUT_WITHHELD",
                    "tier %s is shown none of these outputs".formatted(tier.name().label()));
        }
        boolean biased = request.inputs().stream().anyMatch(PolicyGuard::isBias);
        if (biased && request.outputs().stream().anyMatch(name -> areLogits(tier, name))) {
            throw new RefusedException(
                    Status.Code.PERMISSION_DENIED,
                    "BIAS_WITHHELD",
                    "a bias of logits never goes together with logits or their logarithms");
        }
    }

    private boolean areLogits(Tier tier, String output) {
        return shaper.kind(tier, output)
                .filter(kind -> kind == Kind.LOGITS || kind == Kind.LOGPROBS)
                .isPresent();
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

    /**
     * The most rows that any input has: its first dimension, where that is not a fixed one of a
     * vector.
     */
    static long rows(ServedModel model, InferenceRequest request) {
        long rows = 1;
        List<TensorSignature> signatures = model.engine().inputs();
        for (int i = 0; i < signatures.size(); i++) {
            List<Long> declared = signatures.get(i).shape();
            List<Long> shape = request.inputs().get(i).shape();
            boolean counts = declared.size() > 1 || declared.isEmpty() || declared.getFirst() < 0;
            if (counts && !shape.isEmpty()) {
                rows = Math.max(rows, shape.getFirst());
            }
        }
        return rows;
    }
}
