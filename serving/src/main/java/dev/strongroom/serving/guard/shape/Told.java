package dev.strongroom.serving.guard.shape;

import dev.strongroom.crypto.output.ShownOutput.Kind;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.engine.Tensor.Content;
import dev.strongroom.serving.guard.leak.Release;
import java.nio.charset.StandardCharsets;

/** What a shaped output tells of the model: its bits at most. */
public final class Told {
    private static final int BANDS = 5;
    private static final int SCALE_BITS = 10; // of the power of ten that a vector is rounded by

    private Told() {}

    /**
     * An upper bound in bits of what a tensor tells: how many different ones there could have been.
     *
     * @param answer before it was shaped
     */
    public static double bits(Tensor answer, Kind kind, Tier tier, Rung rung) {
        return switch (answer.content()) {
            case Content.Strings(var texts) ->
                    8.0
                            * texts.stream()
                                    .mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length)
                                    .sum();
            case Content.Numbers(var bytes) -> {
                int length = Numbers.rowLength(answer.shape());
                if (kind == Kind.LABELS || !Numbers.areIn(answer) || length == 0) {
                    yield 8.0 * bytes.remaining();
                }
                Kind actual = kind == Kind.AUTO ? Shaper.judged(answer, length, tier) : kind;
                double rows = Numbers.in(answer).rows(length);
                int width = Byte.SIZE * answer.type().bytes();
                yield rows * Math.min(bits(actual, length, tier, rung), (double) width * length);
            }
        };
    }

    /** Of one row; infinite when it is shown as it is. */
    private static double bits(Kind kind, int length, Tier tier, Rung rung) {
        int digits = Shaper.digits(tier, rung);
        boolean classes = kind != Kind.EMBEDDING;
        if (classes && rung == Rung.LABEL) {
            return new Release.Label(length).bits();
        }
        if (classes && rung == Rung.TOP1) {
            return new Release.BucketedLabel(length, BANDS).bits();
        }
        if (digits == Tier.EXACT) {
            return Double.POSITIVE_INFINITY;
        }
        if (classes && tier.topK() < length) {
            return new Release.TopK(length, tier.topK(), digits).bits();
        }
        return new Release.Rounded(length, digits).bits() + (classes ? 0 : length + SCALE_BITS);
    }
}
