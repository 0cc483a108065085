package dev.strongroom.serving.guard;

import dev.strongroom.crypto.format.GuardMeasure.Step;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.Rate;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.serving.guard.limit.Asker;
import dev.strongroom.serving.guard.limit.Limits;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Status;

/** What the steps of the alert ladder do; each only makes stricter what it is given. */
final class Ordered {
    private static final int PERMILLE = 1000;

    private Ordered() {}

    static void requireNotSuspended(Step step, Asker asker) throws RefusedException {
        if (step == Step.SUSPEND) {
            throw new RefusedException(
                    Status.Code.PERMISSION_DENIED,
                    "SUSPENDED",
                    "%s is suspended, ticket %s; ask the operator of the model's vault"
                            .formatted(asker.identity(), Limits.ticket(asker.id())));
        }
    }

    /** How fine answers are at most. */
    static Rung floor(Step step) {
        return switch (step) {
            case THROTTLE -> Rung.CONTRACT;
            case DEGRADE -> Rung.TOP1;
            case CHALLENGE, SUSPEND -> Rung.LABEL;
        };
    }

    /** The tier with the quota of flagged callers; whoever is flagged has it already. */
    static Tier throttled(Tier tier, Rung rung, OutputPolicy.Ladder ladder) {
        if (rung == Rung.LABEL) {
            return tier;
        }
        Rate rate = tier.rate();
        return new Tier(
                tier.name(),
                tier.vouchers(),
                tier.outputs(),
                tier.digits(),
                tier.topK(),
                tier.raw(),
                tier.rotate(),
                tier.directions(),
                new Rate(Math.max(1, share(rate.rowsPerSecond(), ladder)), rate.burst()),
                tier.groupRate(),
                share(tier.rowsPerDay(), ladder),
                share(tier.rowsPerLease(), ladder),
                tier.price());
    }

    private static long share(long rows, OutputPolicy.Ladder ladder) {
        return rows / PERMILLE * ladder.quotaPermille()
                + rows % PERMILLE * ladder.quotaPermille() / PERMILLE;
    }
}
