package dev.strongroom.redteam;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was found about one victim: printed as it is found, and kept. Not thread-safe. */
final class Findings {
    private final String victim;
    private final Budget budget;
    private final PrintStream out;
    private final Map<String, Object> report = new LinkedHashMap<>();
    private final List<Claim> claims = new ArrayList<>();

    Findings(String victim, Budget budget, PrintStream out) {
        this.victim = victim;
        this.budget = budget;
        this.out = out;
        report.put("victim", victim);
    }

    /** Prints; a line of its own before a heading. */
    void say(String format, Object... values) {
        out.printf(format + "%n", values);
    }

    void put(String name, Object figure) {
        report.put(name, figure);
    }

    /** Puts a figure among others under one name. */
    @SuppressWarnings("unchecked") // only this method puts maps under these names
    void put(String among, String name, Object figure) {
        ((Map<String, Object>)
                        report.computeIfAbsent(among, key -> new LinkedHashMap<String, Object>()))
                .put(name, figure);
    }

    /**
     * What a line was to show and what it showed.
     *
     * @param most unless the owner's budget says otherwise
     */
    void claim(String key, String line, double most, double measured) {
        claims.add(new Claim(key, line, budget.most(key, most), measured));
    }

    /** A figure of which nothing is claimed; an owner's budget may limit it. */
    void show(String key, String line, double measured) {
        claim(key, line, Double.POSITIVE_INFINITY, measured);
    }

    String victim() {
        return victim;
    }

    List<Claim> claims() {
        return List.copyOf(claims);
    }

    Map<String, Object> asMap() {
        var map = new LinkedHashMap<>(report);
        map.put("claims", claims.stream().map(Claim::asMap).toList());
        return map;
    }
}
