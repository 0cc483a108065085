package dev.strongroom.redteam;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs every experiment on one world, prints as it goes and keeps what it found. */
final class Heist {
    private final World world;
    private final Profile profile;
    private final long seed;
    private final PrintStream out;
    private final Map<String, Object> report = new LinkedHashMap<>();
    private final List<Claim> claims = new ArrayList<>();
    private List<Curves.Point> points = List.of();

    Heist(World world, Profile profile, long seed, PrintStream out) {
        this.world = world;
        this.profile = profile;
        this.seed = seed;
        this.out = out;
    }

    Map<String, Object> run() {
        header();
        delays();
        honest();
        sybils();
        curves();
        averaging();
        cost();
        report.put("claims", claims.stream().map(Claim::asMap).toList());
        out.printf("%nWhat it is to show, and what it showed (%s)%n", world.name());
        claims.forEach(claim ->
                out.printf(
                        "  %-72s at most %-8s measured %-9.4g %s%n",
                        claim.line(),
                        number(claim.most()),
                        claim.measured(),
                        claim.met() ? "met" : "MISSED"));
        return report;
    }

    List<Claim> claims() {
        return claims;
    }

    String plot() {
        return Plot.svg(world.name(), points);
    }

    private void header() {
        out.printf(
                "%n== %s: %d inputs, %d classes, accuracy %.4f, %d calibration samples, seed %d%n",
                world.name(),
                world.victim().inputs(),
                world.victim().classes(),
                world.accuracy(),
                world.calibrated(),
                seed);
        out.println("   one frozen configuration: " + Policy.FROZEN.asMap());
        report.put("victim", world.name());
        report.put("seed", seed);
        report.put("profile", profile.name());
        report.put("policy", Policy.FROZEN.asMap());
        report.put("accuracy", Double.isNaN(world.accuracy()) ? "unknown" : world.accuracy());
        report.put("calibrationSamples", world.calibrated());
    }

    private void delays() {
        out.printf("%nQueries until the flag (evidence 1e6)%n");
        out.printf("  %-64s %8s %8s %8s %8s%n", "attack", "median", "p95", "max", "never");
        Quantiles foreign = delay(Strategy.KNOCKOFF_FOREIGN);
        claim("knockoff from a foreign pool, median queries until the flag", 6, foreign.at(0.5));
        claim("the same, p95", 10, foreign.at(0.95));
        Quantiles jbda = delay(Strategy.JBDA);
        claim(Strategy.JBDA.name() + ", median", 35, jbda.at(0.5));
        Quantiles boundary = delay(Strategy.BOUNDARY);
        claim("boundary bisection, median", 10, boundary.at(0.5));
        Quantiles tenth = delay(Strategy.KNOCKOFF_FOREIGN.contaminated(0.1));
        claim("knockoff as a tenth of honest traffic, median", 150, tenth.at(0.5));
        sleeper(Strategy.KNOCKOFF_FOREIGN, foreign);
        sleeper(Strategy.BOUNDARY, boundary);
        sleeper(Strategy.KNOCKOFF_FOREIGN.contaminated(0.1), tenth);
        delay(Strategy.UNIFORM);
        delay(Strategy.ACTIVE);
        delay(Strategy.KNOCKOFF_FOREIGN.contaminated(0.3));
        delay(Strategy.KNOCKOFF_FOREIGN.contaminated(0.05));
        delay(Strategy.JBDA.contaminated(0.1));
        delay(Strategy.MIXUP);
        delay(Strategy.KNOCKOFF_OWN);
    }

    private Quantiles delay(Strategy strategy) {
        Quantiles queries = Delays.measure(world, strategy, profile.runs(), seed);
        out.printf(
                "  %-64s %8s %8s %8s %7.1f%%%n",
                strategy.name(),
                Quantiles.shown(queries.at(0.5)),
                Quantiles.shown(queries.at(0.95)),
                Quantiles.shown(queries.at(1)),
                100 * queries.never());
        nested("delays").put(strategy.name(), queries.asMap());
        return queries;
    }

    private void sleeper(Strategy strategy, Quantiles awake) {
        int slept = 1000;
        Quantiles asleep = delay(strategy.afterSleeping(slept));
        double ratio =
                asleep.at(0.5) == Integer.MAX_VALUE
                        ? Double.POSITIVE_INFINITY
                        : (asleep.at(0.5) - slept) / (double) awake.at(0.5);
        claim("sleeper, " + strategy.name() + ": times the delay awake", 3, ratio);
    }

    private void honest() {
        out.printf("%nHonest clients (drawn from finite data: streams are not independent)%n");
        out.printf(
                "  %-30s %8s %9s %9s %9s %8s %10s %8s%n",
                "habit", "streams", ">=10", ">=1e3", "flagged", "upper95", "worst", "top1 chg");
        long changed = 0;
        for (Map.Entry<String, Honest.Habit> habit : Honest.HABITS.entrySet()) {
            boolean plain = habit.getKey().equals("as calibrated");
            int streams = plain ? profile.streams() : profile.habitStreams();
            Honest.Counts counts =
                    Honest.measure(world, habit.getValue(), streams, profile.queries(), seed);
            honest(habit.getKey(), counts);
            changed += counts.changed();
            if (plain) {
                claim("honest streams flagged", 0, counts.flagged());
                claim("honest price: mean final evidence", 1.2, counts.meanPrice());
            } else if (habit.getKey().endsWith("(mild)")) {
                claim(
                        "share flagged under " + habit.getKey(),
                        0.001,
                        (double) counts.flagged() / streams);
            }
        }
        claim("honest answers whose best class was changed", 0, (double) changed);
    }

    private void honest(String habit, Honest.Counts counts) {
        out.printf(
                "  %-30s %8d %9d %9d %9d %8.2g %10.3g %8d%n",
                habit,
                counts.streams(),
                counts.lostPrecision(),
                counts.labelOnly(),
                counts.flagged(),
                ClopperPearson.upper(counts.flagged(), counts.streams(), 0.95),
                counts.worst(),
                counts.changed());
        nested("honest").put(habit, counts.asMap());
    }

    private void sybils() {
        Sybils.Shares shares = Sybils.measure(world, profile.rounds(), seed);
        out.printf("%nSybils (40 accounts of 10 queries among 200 honest)%n  %s%n", shares.asMap());
        report.put("sybils", shares.asMap());
        claim("sybils not linked", 0.05, 1 - shares.linked());
        claim("honest linked", 0.005, shares.honestLinked());
    }

    private void curves() {
        points = Curves.measure(world, Strategy.plain(), profile.budgets(), seed);
        out.printf(
                "%nFidelity of the better clone (soft or hard) by attempts%n  %-36s %9s %8s %8s"
                        + " %9s %9s%n",
                "attack", "attempts", "off", "on", "answered", "kbit");
        for (Curves.Point point : points) {
            out.printf(
                    "  %-36s %9d %8.3f %8.3f %9d %9.1f%n",
                    point.attack(),
                    point.attempts(),
                    point.off(),
                    point.on(),
                    point.answered(),
                    point.kilobits());
        }
        report.put("fidelity", points);
        int month = 30 * Policy.FROZEN.trialRowsPerDay();
        points.stream()
                .filter(p -> p.attack().equals(Strategy.KNOCKOFF_FOREIGN.name()))
                .filter(p -> p.attempts() == month)
                .forEach(p ->
                        claim("fidelity of a month's knockoff from a foreign pool", 0.2, p.on()));
        out.println("  In-distribution cloning is not detected: only budget and price limit it.");
    }

    private void averaging() {
        Map<String, Object> measured = Averaging.measure(world, seed);
        out.printf("%nAveraging jittered repeats%n  %s%n", measured);
        report.put("averaging", measured);
    }

    private void cost() {
        Map<String, Object> measured = Cost.measure(world, seed);
        out.printf("%nCost of judging one query%n  %s%n", measured);
        report.put("cost", measured);
        claim("microseconds to judge a query, p50", 60, figure(measured, "p50Micros"));
    }

    /** The table of softmax regressions and of the projection layer; claims of their own. */
    void equations(World regression) {
        Map<String, Map<String, Object>> table = EquationSolving.measure(regression, seed);
        out.printf("%nEquation solving, softmax regression, 10 (d + 1) queries%n");
        table.forEach((inputs, row) -> out.printf("  %-24s %s%n", inputs, row));
        report.put("equationSolving", table);
        for (String inputs : List.of("uniform inputs", "Gaussian inputs")) {
            claim(
                    "equation solving with " + inputs + ", agreement",
                    0.3,
                    figure(table.getOrDefault(inputs, Map.of()), "on"));
        }
        Map<String, Object> head = HeadTheft.measure(seed);
        out.printf("%nProjection layer of a language model%n  %s%n", head);
        report.put("projectionLayer", head);
        claim(
                "projection layer: share of it explained with the rank meter",
                0.2,
                1 - figure(head, "subspaceErrorOn"));
    }

    private void claim(String line, double most, double measured) {
        claims.add(new Claim(line, most, measured));
    }

    @SuppressWarnings("unchecked") // only this class puts maps under these names
    private Map<String, Object> nested(String name) {
        return (Map<String, Object>)
                report.computeIfAbsent(name, key -> new LinkedHashMap<String, Object>());
    }

    private static double figure(Map<String, Object> of, String name) {
        if (of.get(name) instanceof Double figure) {
            return figure;
        }
        throw new IllegalStateException(name + " was not measured");
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
