package dev.strongroom.redteam;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.ShownOutput;
import dev.strongroom.crypto.output.TierName;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.guard.shape.Shaper;
import java.util.Random;
import javax.crypto.spec.SecretKeySpec;

/** What a node's shaper leaves of probabilities, for a caller with a contract. */
record Shaping(Shaper shaper) {
    private static final int KEY_BYTES = 32;

    static Shaping under(OutputPolicy rules, Random random) {
        return new Shaping(new Shaper(rules, key(random)));
    }

    static SecretKeySpec key(Random random) {
        var key = new byte[KEY_BYTES];
        random.nextBytes(key);
        return new SecretKeySpec(key, "HmacSHA256");
    }

    float[] on(Rung rung, float[] probabilities) {
        return RowTensor.row(
                shaper.shape(
                        RowTensor.of(VictimModel.OUTPUT, probabilities),
                        ShownOutput.Kind.PROBABILITIES,
                        Policy.tier(TierName.PARTNER),
                        rung,
                        VictimModel.TENANT));
    }
}
