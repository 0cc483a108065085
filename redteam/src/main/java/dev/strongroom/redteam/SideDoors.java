package dev.strongroom.redteam;

import java.util.Map;

/** Thefts that need no guarded classifier: equations, a projection layer, membership, leaks. */
final class SideDoors {
    private static final int LARGE = 1_000_000; // weights, from which a mark is to outlive all
    private static final double PROOF = -64; // log2 of a p-value

    private final Profile profile;
    private final long seed;
    private final Findings findings;

    SideDoors(Profile profile, long seed, Findings findings) {
        this.profile = profile;
        this.seed = seed;
        this.findings = findings;
    }

    void equations(World regression) {
        Map<String, EquationSolving.Row> table = EquationSolving.measure(regression, seed);
        findings.say("%nEquation solving, softmax regression, 10 (d + 1) queries on trial");
        table.forEach((inputs, row) -> findings.say("  %-24s %s", inputs, row));
        findings.put("equationSolving", table);
        for (EquationSolving.Row row : table.values()) {
            if (row.synthetic()) {
                findings.claim(
                        "equations." + row.key(), "equation solving, " + row.key(), 0.3, row.on());
            }
        }
    }

    void projectionLayer() {
        HeadTheft head = HeadTheft.measure(seed);
        findings.say("%nProjection layer of a language model%n  %s", head.asMap());
        findings.put("projectionLayer", head.asMap());
        findings.claim(
                "head.explained",
                "projection layer: share explained with the rank meter",
                0.2,
                1 - head.errorOn());
    }

    void membership(Samples samples) {
        var table = Membership.measure(samples, seed);
        findings.say("%nMembership of a victim that learnt 1,000 samples by heart");
        table.forEach((shown, figures) -> findings.say("  %-24s %s", shown, figures));
        findings.put("membership", table);
    }

    void tracing(Samples samples) {
        Tracing.Table table =
                Tracing.measure(samples, profile.tracedUnits(), profile.tracedEpochs(), seed);
        findings.say(
                "%nA trained network of %d weights, marked: accuracy lost %.3f points, best class"
                        + " flipped for %d of %d rows",
                table.weights(), table.accuracyLost(), table.flips(), table.tested());
        findings.say("  %-32s %12s %12s %9s", "tampering", "log2 p", "strangers", "accuracy");
        for (Tracing.Row row : table.rows()) {
            findings.say(
                    "  %-32s %12.1f %12.1f %9.4f",
                    row.tampering(), row.log2P(), row.stranger(), row.accuracy());
        }
        findings.put("tracing", table.asMap());
        if (table.weights() >= LARGE) {
            findings.claim(
                    "trace.accuracy",
                    "points of accuracy that a mark costs",
                    0.05,
                    table.accuracyLost());
            table.rows().stream()
                    .filter(row -> row.claimed() == Tracing.Claimed.SURVIVES)
                    .forEach(row ->
                            findings.claim(
                                    "trace." + row.key(),
                                    "log2 p after: " + row.tampering(),
                                    PROOF,
                                    row.log2P()));
        }
    }
}
