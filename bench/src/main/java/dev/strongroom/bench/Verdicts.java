package dev.strongroom.bench;

import dev.strongroom.bench.serve.Ratios;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** What a measurement claims, whether it holds, and the figures of it: as text and as JSON. */
public final class Verdicts {
    private final Map<String, Object> figures = new LinkedHashMap<>();
    private boolean holds = true;

    public static void say(String format, Object... arguments) {
        System.out.printf(format + "%n", arguments);
    }

    /** Figures without a claim. */
    public void put(String name, Object what) {
        figures.put(name, what);
    }

    /** A ratio without a claim. */
    public void ratio(String what, Ratios figure) {
        say(
                "  %-62s %8.3f (95%%: %.3f to %.3f)",
                what, figure.median(), figure.lower(), figure.upper());
        figures.put(
                what,
                Map.of(
                        "median", figure.median(),
                        "lower", figure.lower(),
                        "upper", figure.upper()));
    }

    /** Met when the lower bound of the median is no less. */
    public void atLeast(String what, Ratios figure, double least) {
        bounded(what, figure, ">= " + least, figure.lower() >= least);
    }

    /** Met when the upper bound of the median is no more. */
    public void atMost(String what, Ratios figure, double most) {
        bounded(what, figure, "<= " + most, figure.upper() <= most);
    }

    /** Of a figure that there is one of. */
    public void atLeast(String what, double figure, double least) {
        single(what, figure, ">= " + least, figure >= least);
    }

    /** Of a figure that there is one of. */
    public void atMost(String what, double figure, double most) {
        single(what, figure, "<= " + most, figure <= most);
    }

    /** Prints all as JSON and writes it, where somebody wants it; whether all claims hold. */
    public boolean finish(Optional<Path> file) throws IOException {
        figures.put("holds", holds);
        String json = JsonMapper.shared().writeValueAsString(figures);
        System.out.println(json);
        if (file.isPresent()) {
            Files.writeString(file.get(), json + "\n");
        }
        return holds;
    }

    private void bounded(String what, Ratios figure, String wanted, boolean met) {
        say(
                "  %-62s %8.3f (95%%: %.3f to %.3f)  wanted %s  %s",
                what, figure.median(), figure.lower(), figure.upper(), wanted, word(met));
        figures.put(
                what,
                Map.of(
                        "median", figure.median(),
                        "lower", figure.lower(),
                        "upper", figure.upper(),
                        "wanted", wanted,
                        "met", met));
        holds &= met;
    }

    private void single(String what, double figure, String wanted, boolean met) {
        say("  %-62s %8.3f  wanted %s  %s", what, figure, wanted, word(met));
        figures.put(what, Map.of("value", figure, "wanted", wanted, "met", met));
        holds &= met;
    }

    private static String word(boolean met) {
        return met ? "met" : "MISSED";
    }
}
