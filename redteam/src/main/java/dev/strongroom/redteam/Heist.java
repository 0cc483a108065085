package dev.strongroom.redteam;

import java.util.List;
import java.util.Map;

/** Every experiment that asks one victim through its guard. */
final class Heist {
    private final World world;
    private final Profile profile;
    private final long seed;
    private final Findings findings;
    private List<Curves.Point> points = List.of();

    Heist(World world, Profile profile, long seed, Findings findings) {
        this.world = world;
        this.profile = profile;
        this.seed = seed;
        this.findings = findings;
    }

    void run() {
        header();
        delays();
        honest();
        sybils();
        curves();
        month();
        contractMonth();
        adaptation();
        averaging();
        embeddings();
        cost();
    }

    String plot() {
        return Plot.svg(world.name(), points);
    }

    private void header() {
        findings.say(
                "%n== %s: %d inputs, %d classes, accuracy %.4f, %d calibration samples, seed %d",
                world.name(),
                world.victim().inputs(),
                world.victim().classes(),
                world.accuracy(),
                world.calibrated(),
                seed);
        findings.say("   one frozen configuration: %s", Policy.asMap());
        findings.put("seed", seed);
        findings.put("profile", profile.name());
        findings.put("policy", Policy.asMap());
        findings.put("accuracy", Double.isNaN(world.accuracy()) ? "unknown" : world.accuracy());
        findings.put("calibrationSamples", world.calibrated());
    }

    private void delays() {
        findings.say("%nQueries until the flag (evidence %.0e)", Policy.flagAt());
        findings.say("  %-64s %8s %8s %8s %8s", "attack", "median", "p95", "max", "never");
        Quantiles foreign = delay(Strategy.KNOCKOFF_FOREIGN);
        findings.claim(
                "knockoff.median", "foreign knockoff, median until the flag", 6, foreign.at(0.5));
        findings.claim("knockoff.p95", "foreign knockoff, p95", 10, foreign.at(0.95));
        Quantiles jbda = delay(Strategy.JBDA);
        findings.claim("jbda.median", Strategy.JBDA.name() + ", median", 35, jbda.at(0.5));
        Quantiles boundary = delay(Strategy.BOUNDARY);
        findings.claim("boundary.median", "boundary bisection, median", 10, boundary.at(0.5));
        Quantiles tenth = delay(Strategy.KNOCKOFF_FOREIGN.contaminated(0.1));
        findings.claim(
                "contaminated.median",
                "knockoff as a tenth of traffic, median",
                150,
                tenth.at(0.5));
        sleeper("sleeper.knockoff", Strategy.KNOCKOFF_FOREIGN, foreign);
        sleeper("sleeper.boundary", Strategy.BOUNDARY, boundary);
        sleeper("sleeper.contaminated", Strategy.KNOCKOFF_FOREIGN.contaminated(0.1), tenth);
        delay(Strategy.UNIFORM);
        delay(Strategy.DATA_FREE);
        delay(Strategy.ACTIVE);
        delay(Strategy.KNOCKOFF_FOREIGN.contaminated(0.3));
        delay(Strategy.KNOCKOFF_FOREIGN.contaminated(0.05));
        delay(Strategy.JBDA.contaminated(0.1));
        delay(Strategy.MIXUP);
        delay(Strategy.KNOCKOFF_OWN);
    }

    private Quantiles delay(Strategy strategy) {
        Quantiles queries = Delays.measure(world, strategy, profile.runs(), seed);
        findings.say(
                "  %-64s %8s %8s %8s %7.1f%%",
                strategy.name(),
                Quantiles.shown(queries.at(0.5)),
                Quantiles.shown(queries.at(0.95)),
                Quantiles.shown(queries.at(1)),
                100 * queries.never());
        findings.put("delays", strategy.name(), queries.asMap());
        return queries;
    }

    private void sleeper(String key, Strategy strategy, Quantiles awake) {
        int slept = 1000;
        Quantiles asleep = delay(strategy.afterSleeping(slept));
        double ratio =
                asleep.at(0.5) == Integer.MAX_VALUE
                        ? Double.POSITIVE_INFINITY
                        : (asleep.at(0.5) - slept) / (double) awake.at(0.5);
        findings.claim(key, "sleeper, " + strategy.name() + ": times awake", 3, ratio);
    }

    private void honest() {
        findings.say("%nHonest clients (drawn from finite data: streams are not independent)");
        findings.say(
                "  %-30s %8s %9s %9s %9s %8s %10s %8s %8s",
                "habit", "streams", ">=10", ">=1e3", "flagged", "upper95", "worst", "price",
                "top1");
        long changed = 0;
        for (Map.Entry<String, Honest.Habit> habit : Honest.HABITS.entrySet()) {
            boolean plain = habit.getKey().equals("as calibrated");
            int streams = plain ? profile.streams() : profile.habitStreams();
            Honest.Counts counts =
                    Honest.measure(world, habit.getValue(), streams, profile.queries(), seed);
            honest(habit.getKey(), counts);
            changed += counts.changed();
            if (plain) {
                findings.claim("honest.flagged", "honest streams flagged", 0, counts.flagged());
                findings.claim(
                        "honest.price", "mean rows an honest row costs", 1.2, counts.meanPrice());
            } else if (habit.getKey().endsWith("(mild)")) {
                findings.claim(
                        "honest." + habit.getKey().substring(0, habit.getKey().indexOf(' ')),
                        "share flagged under " + habit.getKey(),
                        0.001,
                        (double) counts.flagged() / streams);
            }
        }
        findings.claim(
                "honest.top1", "honest answers whose best class was changed", 0, (double) changed);
    }

    private void honest(String habit, Honest.Counts counts) {
        findings.say(
                "  %-30s %8d %9d %9d %9d %8.2g %10.3g %8.3g %8d",
                habit,
                counts.streams(),
                counts.lostPrecision(),
                counts.labelOnly(),
                counts.flagged(),
                ClopperPearson.upper(counts.flagged(), counts.streams(), 0.95),
                counts.worst(),
                counts.meanPrice(),
                counts.changed());
        findings.put("honest", habit, counts.asMap());
    }

    private void sybils() {
        Sybils.Shares shares = Sybils.measure(world, profile.rounds(), seed);
        findings.say("%nSybils (40 accounts of 10 queries among 200 honest)%n  %s", shares.asMap());
        findings.put("sybils", shares.asMap());
        findings.claim("sybils.missed", "sybils not linked", 0.05, 1 - shares.linked());
        findings.claim("sybils.honest", "honest linked", 0.005, shares.honestLinked());
    }

    private void curves() {
        points = Curves.measure(world, Terms.TRIAL, Strategy.plain(), profile.budgets(), seed);
        findings.say(
                "%nFidelity of the better clone (soft or hard) by attempts on trial%n"
                        + "  %-36s %9s %8s %8s %9s %9s",
                "attack", "attempts", "off", "on", "answered", "kbit");
        points.forEach(this::point);
        findings.put("fidelity", points);
        findings.say("  In-distribution cloning is not detected: only budget and price limit it.");
    }

    /** Thirty days of the trial tier, each asked to its end. */
    private void month() {
        int attempts = Math.toIntExact(Policy.MONTH * Policy.TRIAL_ANSWERS);
        List<Curves.Point> month =
                Curves.measure(
                        world,
                        Terms.TRIAL,
                        List.of(Strategy.KNOCKOFF_FOREIGN, Strategy.KNOCKOFF_OWN),
                        List.of(attempts),
                        seed);
        month.forEach(this::point);
        findings.put("month", month);
        findings.claim(
                "knockoff.month",
                "fidelity of a month's foreign knockoff on trial",
                0.2,
                month.getFirst().on());
    }

    /** Thirty days as a consumer of the policy that owners start from: nothing is claimed of it. */
    private void contractMonth() {
        int attempts = Math.toIntExact(Policy.MONTH * Policy.FLAGGED_ANSWERS);
        List<Curves.Point> month =
                Curves.measure(
                        world,
                        Terms.STANDARD,
                        List.of(Strategy.KNOCKOFF_FOREIGN),
                        List.of(attempts),
                        seed);
        findings.say("%nThe same under the standard policy's contract");
        month.forEach(this::point);
        findings.put("contractMonth", month);
        findings.show(
                "knockoff.contract.month",
                "the same with the standard policy's contract",
                month.getFirst().on());
    }

    private void point(Curves.Point point) {
        findings.say(
                "  %-36s %9d %8.3f %8.3f %9d %9.1f",
                point.attack(),
                point.attempts(),
                point.off(),
                point.on(),
                point.answered(),
                point.kilobits());
    }

    private void adaptation() {
        int forged = profile.budgets().getLast();
        List<Adaptation.Row> rows = Adaptation.measure(world, profile.adaptiveRuns(), forged, seed);
        findings.say(
                "%nThieves who know the detector: %d forged queries beside their own samples%n"
                        + "  %-34s %7s %7s %7s %7s %8s %7s %8s %7s %7s %7s",
                forged,
                "attack",
                "samples",
                "median",
                "p95",
                "never",
                "foreign",
                "tried",
                "answered",
                "alone",
                "off",
                "on");
        for (Adaptation.Row row : rows) {
            findings.say(
                    "  %-34s %7d %7s %7s %6.0f%% %8.2f %7.1f %8d %7.3f %7.3f %7.3f",
                    row.attack(),
                    row.samples(),
                    Quantiles.shown(row.until().at(0.5)),
                    Quantiles.shown(row.until().at(0.95)),
                    100 * row.until().never(),
                    row.foreign(),
                    row.tried(),
                    row.answered(),
                    row.alone(),
                    row.off(),
                    row.on());
        }
        findings.put("adaptation", rows.stream().map(Adaptation.Row::asMap).toList());
    }

    private void averaging() {
        Map<String, Object> measured = Averaging.measure(world, seed);
        findings.say("%nAveraging jittered repeats%n  %s", measured);
        findings.put("averaging", measured);
    }

    private void embeddings() {
        Map<String, Object> measured = EmbeddingTheft.measure(world, seed);
        findings.say("%nThe penultimate tensor served as an embedding%n  %s", measured);
        findings.put("embeddings", measured);
    }

    private void cost() {
        Cost measured = Cost.measure(world, seed);
        findings.say("%nCost of judging one query%n  %s", measured.asMap());
        findings.put("cost", measured.asMap());
        findings.claim("cost.p50", "microseconds to judge a query, p50", 60, measured.p50());
    }
}
