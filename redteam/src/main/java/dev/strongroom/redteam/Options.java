package dev.strongroom.redteam;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The command line.
 *
 * @param data the folder of MNIST and Fashion-MNIST
 * @param victim an ONNX classifier instead of the trained ones
 * @param honest samples for it, a NumPy file of float32
 * @param foreign a pool of another distribution for it, likewise
 * @param json where the report and, beside it, the plots go
 * @param budget of an owner for some lines, instead of what is claimed
 * @param gate whether a missed line fails the run
 */
record Options(
        Path data,
        Optional<Path> victim,
        Optional<Path> honest,
        Optional<Path> foreign,
        long seed,
        Profile profile,
        Optional<Path> json,
        Optional<Path> budget,
        Gate gate) {
    /** What a missed line does. */
    enum Gate {
        REPORTS,
        FAILS
    }

    static final String USAGE =
            """
            usage: strongroom redteam [--profile quick|full] [--seed N] [--json OUT]
                                      [--gate [--budget FILE]]
                                      [--victim FILE.onnx --honest ROWS.npy [--foreign ROWS.npy]]
            Steals models through their answers, with the shield off and on, and says how far it came.
            --json writes the report and an SVG plot for each victim beside it; --gate fails (exit code 4)
            when a line of what the guard is to show is missed. FILE has limits of your own for some of
            the lines: KEY = MOST, with the keys of the table at the end of a run. A line of it that was
            not measured is missed too.\
            """;

    /** Where the launcher puts the data sets. */
    static final String DATA = "target/redteam-data";

    private static final Set<String> VALUES =
            Set.of(
                    "--data",
                    "--victim",
                    "--honest",
                    "--foreign",
                    "--seed",
                    "--profile",
                    "--json",
                    "--budget");

    static Options parse(String[] arguments) {
        Map<String, String> given = new HashMap<>();
        Gate gate = Gate.REPORTS;
        for (int at = 0; at < arguments.length; at++) {
            if (arguments[at].equals("--gate")) {
                gate = Gate.FAILS;
            } else if (VALUES.contains(arguments[at]) && at + 1 < arguments.length) {
                given.put(arguments[at], arguments[++at]);
            } else {
                throw new IllegalArgumentException(arguments[at] + ": unknown or without a value");
            }
        }
        if (given.containsKey("--victim") != given.containsKey("--honest")) {
            throw new IllegalArgumentException("--victim and --honest go together");
        }
        return new Options(
                Path.of(given.getOrDefault("--data", DATA)),
                Optional.ofNullable(given.get("--victim")).map(Path::of),
                Optional.ofNullable(given.get("--honest")).map(Path::of),
                Optional.ofNullable(given.get("--foreign")).map(Path::of),
                Long.parseLong(given.getOrDefault("--seed", "1")),
                Profile.named(given.getOrDefault("--profile", "quick")),
                Optional.ofNullable(given.get("--json")).map(Path::of),
                Optional.ofNullable(given.get("--budget")).map(Path::of),
                gate);
    }
}
