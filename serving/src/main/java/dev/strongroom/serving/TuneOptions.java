package dev.strongroom.serving;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.serving.NodeException.Exit;
import dev.strongroom.serving.tune.Plan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The command line of {@code tune}.
 *
 * @param model empty: the first one of the configuration
 */
record TuneOptions(Path config, Optional<ModelName> model, Plan plan, Form form) {
    private static final Set<String> KNOWN =
            Set.of(
                    "--config",
                    "--model",
                    "--callers",
                    "--rows",
                    "--size",
                    "--seconds",
                    "--inferences",
                    "-o");
    private static final int MAX_CALLERS = 1024;
    private static final int MAX_SIZE = 1 << 20;
    private static final int MAX_SECONDS = 86_400;
    private static final int MAX_LEVELS = 8;

    /** How the outcome is said. */
    enum Form {
        TABLE,
        JSON
    }

    /**
     * @param arguments behind the word
     */
    static TuneOptions parse(List<String> arguments) throws NodeException {
        Map<String, String> given = pairs(arguments);
        if (!given.containsKey("--config")) {
            throw fault("--config FILE is missing");
        }
        return new TuneOptions(
                Path.of(given.getOrDefault("--config", "")),
                model(given),
                new Plan(
                        callers(given.getOrDefault("--callers", "1,16")),
                        number(given, "--rows", 1, MAX_CALLERS),
                        number(given, "--size", 32, MAX_SIZE),
                        Duration.ofSeconds(number(given, "--seconds", 60, MAX_SECONDS)),
                        number(given, "--inferences", 1_000_000, Integer.MAX_VALUE)),
                form(given.getOrDefault("-o", "table")));
    }

    private static Map<String, String> pairs(List<String> arguments) throws NodeException {
        var given = new HashMap<String, String>();
        for (int i = 0; i < arguments.size(); i += 2) {
            String name = arguments.get(i);
            if (!KNOWN.contains(name) || i + 1 == arguments.size()) {
                throw fault("%s: unknown, or nothing behind it".formatted(name));
            }
            if (given.put(name, arguments.get(i + 1)) != null) {
                throw fault(name + ": given twice");
            }
        }
        return given;
    }

    private static Optional<ModelName> model(Map<String, String> given) throws NodeException {
        String name = given.get("--model");
        try {
            return name == null ? Optional.empty() : Optional.of(ModelName.parse(name));
        } catch (IllegalArgumentException e) {
            throw fault("--model: expected TENANT/NAME");
        }
    }

    private static List<Integer> callers(String text) throws NodeException {
        var callers = new ArrayList<Integer>();
        for (String each : text.split(",", -1)) {
            callers.add(number("--callers", each, MAX_CALLERS));
        }
        if (callers.size() > MAX_LEVELS) {
            throw fault("--callers: expected at most %d numbers".formatted(MAX_LEVELS));
        }
        return callers;
    }

    private static int number(Map<String, String> given, String name, int otherwise, int most)
            throws NodeException {
        String text = given.get(name);
        return text == null ? otherwise : number(name, text, most);
    }

    private static int number(String name, String text, int most) throws NodeException {
        if (text.matches("[0-9]{1,10}")) {
            long value = Long.parseLong(text);
            if (value >= 1 && value <= most) {
                return (int) value;
            }
        }
        throw fault("%s: expected a number from 1 to %d".formatted(name, most));
    }

    private static Form form(String word) throws NodeException {
        return switch (word) {
            case "table" -> Form.TABLE;
            case "json" -> Form.JSON;
            default -> throw fault("-o: expected table or json");
        };
    }

    private static NodeException fault(String what) {
        return new NodeException(Exit.LOCAL, "tune: " + what + "; see: ./strongroom tune --help");
    }
}
