package dev.strongroom.redteam;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.crypto.output.TierName;
import dev.strongroom.crypto.output.Voucher;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The one frozen configuration of all figures: the policy that an owner starts from, with a trial
 * tier that somebody has and that shows every digit, partners whose budget does not end, and, in
 * the best tier's place, what that policy's partners have. What the standard's trial tier hides
 * would help against a thief.
 */
final class Policy {
    static final int MONTH = 30; // days
    static final OutputPolicy RULES = rules();

    /** Rows a day on trial that are answered while a row costs the tier's price. */
    static final long TRIAL_ANSWERS =
            tier(TierName.TRIAL).rowsPerDay() / tier(TierName.TRIAL).price();

    /** Rows a day that a flagged consumer of the standard policy is answered: bare labels. */
    static final long FLAGGED_ANSWERS =
            standard(TierName.PARTNER).rowsPerDay()
                    * RULES.ladder().quotaPermille()
                    / 1000
                    / RULES.ladder().maxPrice();

    private static final long WITHOUT_END = 1L << 60; // rows

    private Policy() {}

    private static OutputPolicy rules() {
        OutputPolicy from = OutputPolicy.standard();
        return with(from.tiers().stream().map(Policy::opened).toList(), from.noise());
    }

    /** The same with noise, which an owner does not start with. */
    static OutputPolicy noisy(int cellPermille, int amplitudePermille) {
        return with(
                RULES.tiers(),
                new OutputPolicy.Noise(OutputPolicy.Switch.ON, cellPermille, amplitudePermille));
    }

    private static OutputPolicy with(List<Tier> tiers, OutputPolicy.Noise noise) {
        OutputPolicy from = OutputPolicy.standard();
        return new OutputPolicy(
                from.outputs(),
                tiers,
                from.caps(),
                from.detector(),
                from.ladder(),
                noise,
                from.puzzle(),
                from.fingerprint(),
                from.network(),
                from.sessions(),
                from.pardons());
    }

    private static Tier opened(Tier tier) {
        return switch (tier.name()) {
            case TRIAL -> opened(tier, Optional.of(Terms.TRIAL.role()), tier.rowsPerDay());
            case PARTNER -> opened(tier, Optional.empty(), WITHOUT_END);
            case TRUSTED ->
                    opened(
                            tier,
                            Optional.of(Terms.STANDARD.role()),
                            standard(TierName.PARTNER).rowsPerDay());
            case ANONYMOUS -> tier;
        };
    }

    private static Tier opened(Tier tier, Optional<String> role, long rowsPerDay) {
        return new Tier(
                tier.name(),
                role.map(name -> List.of(new Voucher(Voucher.ANY, Voucher.ANY, name, Voucher.ANY)))
                        .orElse(tier.vouchers()),
                tier.outputs(),
                Tier.EXACT,
                Tier.ALL,
                tier.raw(),
                tier.rotate(),
                tier.directions(),
                tier.rate(),
                tier.groupRate(),
                rowsPerDay,
                rowsPerDay,
                tier.price());
    }

    private static Tier standard(TierName name) {
        return OutputPolicy.standard().tiers().stream()
                .filter(tier -> tier.name() == name)
                .findFirst()
                .orElseThrow();
    }

    static Tier tier(TierName name) {
        return RULES.tiers().stream().filter(tier -> tier.name() == name).findFirst().orElseThrow();
    }

    /** Evidence of the flag. */
    static double flagAt() {
        return RULES.ladder().label();
    }

    static Map<String, Object> asMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("twoDigitsAt", RULES.ladder().coarse());
        map.put("labelAndBandAt", RULES.ladder().top1());
        map.put("flagAt", RULES.ladder().label());
        map.put("quotaPermilleAfterFlag", RULES.ladder().quotaPermille());
        map.put("mostPrice", RULES.ladder().maxPrice());
        map.put("trialRowsPerDay", tier(TierName.TRIAL).rowsPerDay());
        map.put("trialPrice", tier(TierName.TRIAL).price());
        return map;
    }
}
