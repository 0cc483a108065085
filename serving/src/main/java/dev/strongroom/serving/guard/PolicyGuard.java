package dev.strongroom.serving.guard;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.GuardMeasure.Step;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.ShownOutput.Kind;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.guard.leak.Directions;
import dev.strongroom.serving.guard.limit.Account;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.limit.Asker;
import dev.strongroom.serving.guard.limit.Limits;
import dev.strongroom.serving.guard.puzzle.PuzzleDesk;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.guard.shape.Shaper;
import dev.strongroom.serving.guard.shape.Told;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.Guard;
import dev.strongroom.serving.infer.InferenceRequest;
import dev.strongroom.serving.infer.PublicModel;
import dev.strongroom.serving.infer.RefusedException;
import dev.strongroom.serving.infer.RowCount;
import dev.strongroom.serving.infer.TokenTerms;
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
    private static final int AT_ONCE = 32; // rows of evidence under an account's lock, some 50 us

    private final OutputPolicy policy;
    private final Digest document;
    private final Memory memory;
    private final Accounts accounts;
    private final Limits limits;
    private final Shaper shaper;
    private final VectorLimit vectors;
    private final AskedOutputs asked;
    private final Toll toll;
    private final Watch watch;
    private final Restraint restraint;
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
            Directions directions,
            PuzzleDesk puzzles,
            Watch watch,
            Restraint restraint,
            GuardEvents events,
            GuardMeters meters) {}

    /**
     * @param document digest of the owner's document that says it, for receipts
     */
    public PolicyGuard(OutputPolicy policy, Digest document, Memory memory, Parts parts) {
        this.policy = policy;
        this.document = document;
        this.memory = memory;
        this.accounts = parts.accounts();
        this.limits = parts.limits();
        this.shaper = parts.shaper();
        this.vectors = new VectorLimit(parts.directions());
        this.asked = new AskedOutputs(shaper);
        this.toll = new Toll(parts.puzzles(), policy, parts.accounts(), parts.limits());
        this.watch = parts.watch();
        this.restraint = parts.restraint();
        this.events = parts.events();
        this.meters = parts.meters();
    }

    @Override
    public Optional<CompletionStage<?>> admit(
            Caller caller, PublicModel model, InferenceRequest request) throws RefusedException {
        Tier tier = tier(caller);
        var asker = Asker.of(caller);
        try {
            asked.require(tier, model, request);
            Tier ordered = ordered(tier, caller, model, asker);
            Optional<CompletionStage<?>> unpaid = toll.take(caller, ordered, model, request);
            return unpaid.isPresent()
                    ? unpaid
                    : limits.admit(asker, ordered, rows(model, request)).map(unknown -> unknown);
        } catch (RefusedException e) {
            meters.refused(model.name(), tier.name(), e.reason());
            events.refused(caller, model, asker.id(), e.reason());
            throw e;
        }
    }

    @Override
    public Shaped shape(
            Caller caller, PublicModel model, InferenceRequest request, List<Tensor> answer)
            throws RefusedException {
        Tier tier = tier(caller);
        long id = caller.number();
        Rung rung = ordered(rung(caller, model, watch.observe(id, request, answer)), caller);
        var shaped = new ArrayList<Tensor>(answer.size());
        double bits = 0;
        for (Tensor output : answer) {
            Optional<Kind> kind =
                    shaper.kind(tier, output.name())
                            .filter(_ -> request.outputs().contains(output.name()));
            if (kind.isPresent()) {
                VectorLimit.Held held = vectors.hold(output, kind.get(), tier, rung, caller);
                shaped.add(
                        shaper.shape(held.output(), kind.get(), tier, held.rung(), caller.group()));
                bits += Told.bits(output, kind.get(), tier, held.rung());
            }
        }
        double told = bits;
        accounts.use(id, account -> account.tell(told));
        meters.answered(model.name(), tier.name(), rung, rows(model, request), bits);
        return new Shaped(shaped, Optional.of(document), ticket(rung, caller));
    }

    @Override
    public Optional<CompletionStage<?>> admitToken(Caller caller, PublicModel model)
            throws RefusedException {
        Tier tier = tier(caller);
        var asker = Asker.of(caller);
        try {
            TokenPolicy.requireShown(shaper, tier);
            Tier ordered = ordered(tier, caller, model, asker);
            Optional<CompletionStage<?>> unknown =
                    limits.admit(asker, ordered, 1).map(fetching -> fetching);
            if (unknown.isEmpty()) {
                Rung rung = ordered(rung(asker.id()), caller);
                double bits = TokenPolicy.bits(TokenPolicy.alternatives(shaper, tier, rung));
                accounts.use(asker.id(), account -> account.tell(bits));
                meters.answered(model.name(), tier.name(), rung, 1, bits);
            }
            return unknown;
        } catch (RefusedException e) {
            meters.refused(model.name(), tier.name(), e.reason());
            events.refused(caller, model, asker.id(), e.reason());
            throw e;
        }
    }

    @Override
    public TokenTerms terms(Caller caller, PublicModel model) throws RefusedException {
        Tier tier = tier(caller);
        Rung rung = ordered(rung(caller.number()), caller);
        return new TokenTerms(
                TokenPolicy.alternatives(shaper, tier, rung),
                TokenPolicy.digits(tier, rung),
                Optional.of(document),
                ticket(rung, caller));
    }

    private Rung rung(long id) throws RefusedException {
        return accounts.use(id, Account::rung);
    }

    /** Who is throttled or worse has less of the tier's quota; who is suspended has nothing. */
    private Tier ordered(Tier tier, Caller caller, PublicModel model, Asker asker)
            throws RefusedException {
        Optional<Step> step = restraint.against(caller);
        if (step.isEmpty()) {
            return tier;
        }
        Ordered.requireNotSuspended(step.get(), asker);
        events.ordered(caller, model, asker.id(), step.get());
        return Ordered.throttled(tier, rung(asker.id()), policy.ladder());
    }

    /** Also of a call that was admitted before. */
    private Rung ordered(Rung judged, Caller caller) throws RefusedException {
        Optional<Step> step = restraint.against(caller);
        if (step.isEmpty()) {
            return judged;
        }
        Ordered.requireNotSuspended(step.get(), Asker.of(caller));
        return judged.orCoarser(Ordered.floor(step.get()));
    }

    private static Optional<String> ticket(Rung rung, Caller caller) {
        return rung == Rung.LABEL ? Optional.of(Limits.ticket(caller.number())) : Optional.empty();
    }

    /** The caller's rung, this question counted. */
    private Rung rung(Caller caller, PublicModel model, Signs signs) throws RefusedException {
        long id = caller.number();
        return switch (signs) {
            case Signs.Unjudged() -> {
                meters.unjudged(model.name());
                yield accounts.use(id, account -> account.rung().orCoarser(UNJUDGED));
            }
            case Signs.Judged(var rows, double pooled) -> {
                for (int from = 0; from < rows.size(); from += AT_ONCE) {
                    List<double[]> some = rows.subList(from, Math.min(from + AT_ONCE, rows.size()));
                    accounts.use(id, account -> account.add(some));
                }
                yield accounts.use(id, account -> climbed(account, pooled, caller, model));
            }
        };
    }

    private Rung climbed(Account account, double pooled, Caller caller, PublicModel model)
            throws RefusedException {
        account.pool(pooled);
        if (account.climb(policy.ladder())) {
            events.moved(caller, model, account);
            meters.moved(model.name(), tier(caller).name(), account.rung());
        }
        return account.rung();
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

    /** What a request is charged for. */
    static long rows(PublicModel model, InferenceRequest request) {
        return RowCount.of(model.inputs(), request.inputs());
    }
}
