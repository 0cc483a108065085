package dev.strongroom.serving.guard;

import dev.strongroom.crypto.output.ShownOutput.Kind;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.serving.generate.Alternatives;
import dev.strongroom.serving.generate.Token;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.guard.shape.Shaper;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Status;
import java.util.Optional;

/**
 * What an output policy lets out of a generated sequence: the tokens, as output {@value
 * Token#OUTPUT}, and as output {@value Alternatives#OUTPUT} the logarithms of a few probabilities,
 * coarsened whatever the tier. The model's logits are no output.
 */
final class TokenPolicy {
    private static final int COARSE_DIGITS = 1;

    private TokenPolicy() {}

    static void requireShown(Shaper shaper, Tier tier) throws RefusedException {
        if (shaper.kind(tier, Token.OUTPUT).isEmpty()) {
            throw new RefusedException(
                    Status.Code.PERMISSION_DENIED,
                    "OUTPUT_WITHHELD",
                    "tier %s is not shown the output %s"
                            .formatted(tier.name().label(), Token.OUTPUT));
        }
    }

    /** How many alternatives to a token are shown. */
    static int alternatives(Shaper shaper, Tier tier, Rung rung) {
        Optional<Kind> kind = shaper.kind(tier, Alternatives.OUTPUT);
        if (kind.isEmpty() || !areLogarithms(kind.get()) || !tier.raw()) {
            return 0;
        }
        return switch (rung) {
            case CONTRACT, COARSE -> Math.min(tier.topK(), Alternatives.MOST);
            case TOP1 -> 1;
            case LABEL -> 0;
        };
    }

    /** With how many digits. */
    static int digits(Tier tier, Rung rung) {
        int digits = Math.min(tier.digits(), Alternatives.MOST_DIGITS);
        return switch (rung) {
            case CONTRACT -> digits;
            case COARSE -> Math.min(digits, COARSE_DIGITS);
            case TOP1, LABEL -> 0;
        };
    }

    private static boolean areLogarithms(Kind kind) {
        return switch (kind) {
            case AUTO, LOGITS, LOGPROBS -> true;
            case PROBABILITIES, EMBEDDING, LABELS -> false;
        };
    }

    /**
     * An upper bound in bits of what a token tells: its number, and of each other one its score.
     */
    static double bits(int alternatives) {
        return (double) Integer.SIZE * (1 + 2L * alternatives);
    }
}
