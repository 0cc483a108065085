package dev.strongroom.serving.guard;

import dev.strongroom.crypto.output.ShownOutput.Kind;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.guard.leak.Directions;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.guard.shape.Shaper;
import dev.strongroom.serving.guard.shape.Told;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Status;

/**
 * Shows a group's callers no vector in a direction too many: of classes the best one is left, what
 * has none is withheld. Thread-safe.
 */
record VectorLimit(Shaper shaper, Directions directions) {
    /**
     * The rung on which an output is shown.
     *
     * @throws RefusedException DIRECTIONS_SPENT
     */
    Rung rungOf(Tensor output, Kind kind, Tier tier, Rung rung, Caller caller)
            throws RefusedException {
        if (tier.directions() == Tier.ALL) {
            return rung;
        }
        long subject = Accounts.id(caller.group() + '\n' + output.name());
        for (float[] vector : Told.vectors(output, kind, tier, rung)) {
            if (!directions.show(subject, vector, tier.directions())) {
                if (shaper.isVector(output, kind, tier)) {
                    throw spent(output, tier, caller);
                }
                return Rung.LABEL;
            }
        }
        return rung;
    }

    private static RefusedException spent(Tensor output, Tier tier, Caller caller) {
        return new RefusedException(
                Status.Code.RESOURCE_EXHAUSTED,
                "DIRECTIONS_SPENT",
                "group %s has seen %d independent directions of %s, and the owner's policy shows it"
                                .formatted(caller.group(), tier.directions(), output.name())
                        + " no more");
    }
}
