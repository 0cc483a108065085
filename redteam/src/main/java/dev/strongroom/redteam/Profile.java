package dev.strongroom.redteam;

import java.util.List;

/**
 * How much is measured; never how: the guard's configuration is the same in all.
 *
 * @param runs of each attack until its flag
 * @param streams of honest clients as calibrated
 * @param habitStreams of each other habit
 * @param queries of each stream
 * @param budgets at which clones are made
 * @param rounds of sybils among honest clients
 * @param tracedUnits hidden units of the network that is marked and leaks
 */
record Profile(
        String name,
        int runs,
        int streams,
        int habitStreams,
        int queries,
        List<Integer> budgets,
        int rounds,
        int tracedUnits,
        int tracedEpochs) {
    static final Profile SMOKE = new Profile("smoke", 4, 5, 5, 100, List.of(100), 1, 256, 1);
    static final Profile QUICK =
            new Profile("quick", 40, 150, 50, 500, List.of(30, 300, 900), 3, 512, 2);
    static final Profile FULL =
            new Profile(
                    "full", 200, 10_000, 1000, 1000, List.of(30, 100, 300, 900, 4000), 20, 5000, 3);

    /** Of thieves who compute long for each query. */
    int adaptiveRuns() {
        return Math.max(1, runs / 10);
    }

    static Profile named(String name) {
        return switch (name) {
            case "smoke" -> SMOKE;
            case "quick" -> QUICK;
            case "full" -> FULL;
            default ->
                    throw new IllegalArgumentException(
                            "--profile: expected quick or full, got " + name);
        };
    }
}
