package dev.strongroom.redteam;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.OutputPolicy.Ladder;
import dev.strongroom.crypto.output.TierName;
import dev.strongroom.serving.guard.limit.Account;
import dev.strongroom.serving.guard.shape.Rung;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The one frozen configuration of all figures: the ladder and prices of the policy that an owner
 * starts from, and whose budget a caller has.
 *
 * @param rowsPerDay that a caller may ask for, at the tier's price
 */
record Policy(Ladder ladder, long rowsPerDay) {
    static final int MONTH = 30; // days

    /** A thief in the trial tier. */
    static final Policy TRIAL = standard();

    /** Somebody with a contract, whose budget does not end. */
    static final Policy CONTRACT = new Policy(TRIAL.ladder, Long.MAX_VALUE);

    private static Policy standard() {
        OutputPolicy policy = OutputPolicy.standard();
        long rows =
                policy.tiers().stream()
                        .filter(tier -> tier.name() == TierName.TRIAL)
                        .mapToLong(tier -> tier.rowsPerDay() / tier.price())
                        .findFirst()
                        .orElseThrow();
        return new Policy(policy.ladder(), rows);
    }

    /** Evidence of the flag. */
    double flagAt() {
        return ladder.label();
    }

    /** What is left of a quota on a rung. */
    double quota(Rung rung) {
        return rung == Rung.LABEL ? ladder.quotaPermille() / 1000.0 : 1;
    }

    /** What a row costs: by the evidence, and never more than the caller's day. */
    double price(double evidence, Rung rung) {
        return Math.min((double) Account.price(evidence, ladder), quota(rung) * rowsPerDay);
    }

    Map<String, Object> asMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("twoDigitsAt", ladder.coarse());
        map.put("labelAndBandAt", ladder.top1());
        map.put("flagAt", ladder.label());
        map.put("quotaPermilleAfterFlag", ladder.quotaPermille());
        map.put("mostPrice", ladder.maxPrice());
        map.put("trialRowsPerDay", rowsPerDay);
        return map;
    }
}
