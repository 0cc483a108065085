package dev.strongroom.serving.guard;

import dev.strongroom.crypto.output.ShownOutput.Kind;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.guard.leak.Directions;
import dev.strongroom.serving.guard.leak.RankMeter.Sight;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.guard.shape.VectorRows;
import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Status;
import java.util.Optional;

/**
 * Shows a group's callers no vector in a direction too many: of classes the best one is left, what
 * has none is withheld. Of a vector that is no direction more, callers see what lies in those that
 * they have seen. Thread-safe.
 */
record VectorLimit(Directions directions) {
    /** An output as far as it may be shown, and the rung on which it is. */
    record Held(Tensor output, Rung rung) {}

    /**
     * Holds an output to the group's directions.
     *
     * @throws RefusedException DIRECTIONS_SPENT, or OUTPUT_WITHHELD if its numbers are not finite
     */
    Held hold(Tensor output, Kind kind, Tier tier, Rung rung, Caller caller)
            throws RefusedException {
        if (tier.directions() == Tier.ALL) {
            return new Held(output, rung);
        }
        long subject = Accounts.id(caller.group() + '\n' + output.name());
        var rows = VectorRows.of(output, kind, tier, rung);
        for (int row = 0; row < rows.count(); row++) {
            Optional<double[]> vector = rows.vector(row);
            if (vector.isEmpty()) {
                return bare(rows, output, infinite(output));
            }
            Sight sight = directions.show(subject, vector.get(), tier.directions());
            if (sight == Sight.TOO_MANY) {
                return bare(rows, output, spent(output, tier, caller));
            }
            if (sight == Sight.KNOWN) {
                rows.show(row, vector.get());
            }
        }
        return new Held(rows.tensor(), rung);
    }

    private static Held bare(VectorRows rows, Tensor output, RefusedException refusal)
            throws RefusedException {
        if (rows.areBare()) {
            throw refusal;
        }
        return new Held(output, Rung.LABEL);
    }

    private static RefusedException infinite(Tensor output) {
        return new RefusedException(
                Status.Code.FAILED_PRECONDITION,
                "OUTPUT_WITHHELD",
                "output %s has numbers here that are not finite; ask with other inputs"
                        .formatted(output.name()));
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
