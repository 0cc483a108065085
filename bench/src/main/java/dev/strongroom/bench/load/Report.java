package dev.strongroom.bench.load;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rows, ratios and gates, printed as they come and kept for JSON. */
final class Report {
    private final Map<String, Object> sections = new LinkedHashMap<>();
    private final List<Map<String, Object>> gates = new ArrayList<>();
    private boolean holds = true;

    /** Which side of a limit is good. */
    enum Side {
        AT_MOST,
        AT_LEAST
    }

    void title(String text) {
        System.out.printf("%n%s%n", text);
    }

    void line(String format, Object... arguments) {
        System.out.printf(format + "%n", arguments);
    }

    /** Medians of each row. */
    void rows(String section, Map<String, List<Double>> samples, String unit) {
        var figures = new LinkedHashMap<String, Object>();
        samples.forEach((name, values) -> {
            List<Double> sorted = values.stream().sorted().toList();
            line(
                    "  %-46s %9.1f %s  (%.1f to %.1f)",
                    name, Ratio.median(values), unit, sorted.getFirst(), sorted.getLast());
            figures.put(
                    name,
                    Map.of(
                            "median", Ratio.median(values),
                            "min", sorted.getFirst(),
                            "max", sorted.getLast(),
                            "unit", unit));
        });
        sections.put(section, figures);
    }

    /** A ratio without a claim. */
    void ratio(String what, Ratio ratio) {
        line(
                "  %-58s %.3f  (10 to 90 %%: %.3f to %.3f; bounds %.3f, %.3f)",
                what, ratio.median(), ratio.low(), ratio.high(), ratio.lower(), ratio.upper());
        sections.put(what, ratio.figures());
    }

    /** A ratio that we claim; its bound on the bad side must keep the limit. */
    void gate(String what, Ratio ratio, Side side, double limit) {
        ratio(what, ratio);
        boolean kept =
                switch (side) {
                    case AT_MOST -> ratio.upper() <= limit;
                    case AT_LEAST -> ratio.lower() >= limit;
                };
        verdict(what, ratio.median(), side, limit, kept);
    }

    /** A figure that we claim. */
    void gate(String what, double value, Side side, double limit) {
        boolean kept =
                switch (side) {
                    case AT_MOST -> value <= limit;
                    case AT_LEAST -> value >= limit;
                };
        verdict(what, value, side, limit, kept);
    }

    boolean holds() {
        return holds;
    }

    Map<String, Object> figures() {
        var figures = new LinkedHashMap<>(sections);
        figures.put("gates", gates);
        figures.put("holds", holds);
        return figures;
    }

    private void verdict(String what, double value, Side side, double limit, boolean kept) {
        holds &= kept;
        line(
                "  %s %s: %.3f, claimed %s %.2f",
                kept ? "holds" : "MISSED",
                what,
                value,
                side == Side.AT_MOST ? "at most" : "at least",
                limit);
        gates.add(
                Map.of("what", what, "value", value, "side", side, "limit", limit, "holds", kept));
    }
}
