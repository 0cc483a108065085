package dev.strongroom.redteam;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every line of what the guard is to show, beside what each victim showed. */
final class ClaimTable {
    private ClaimTable() {}

    static void print(List<Findings> all, PrintStream out) {
        var lines = new LinkedHashMap<String, Claim>();
        all.forEach(
                victim -> victim.claims().forEach(claim -> lines.putIfAbsent(claim.key(), claim)));
        out.printf("%nOne configuration: %s%n", Policy.asMap());
        out.printf("  %-22s %-58s %8s", "key", "line", "at most");
        all.forEach(victim -> out.printf(" %16s", victim.victim()));
        out.println();
        for (Map.Entry<String, Claim> line : lines.entrySet()) {
            out.printf(
                    "  %-22s %-58s %8s",
                    line.getKey(), line.getValue().line(), most(line.getValue()));
            all.forEach(victim -> out.printf(" %16s", figure(victim, line.getKey())));
            out.println();
        }
    }

    private static String most(Claim claim) {
        return Double.isInfinite(claim.most()) ? "-" : number(claim.most());
    }

    private static String figure(Findings victim, String key) {
        return victim.claims().stream()
                .filter(claim -> claim.key().equals(key))
                .map(claim -> (claim.met() ? "" : "MISSED ") + number(claim.measured()))
                .findFirst()
                .orElse("-");
    }

    private static String number(double value) {
        boolean whole = value == Math.rint(value) && Math.abs(value) < 1e9;
        return whole ? Long.toString((long) value) : "%.4g".formatted(value);
    }
}
