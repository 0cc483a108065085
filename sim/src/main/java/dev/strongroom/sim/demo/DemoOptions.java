package dev.strongroom.sim.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The demo's command line.
 *
 * @param afterwards what happens when all is shown
 * @param model an ONNX file to use in place of all-MiniLM-L6-v2
 * @param stateFile where to write, as JSON, what runs where
 */
record DemoOptions(Afterwards afterwards, Optional<Path> model, Optional<Path> stateFile) {
    static final String USAGE =
            """
            usage: ./strongroom demo [--once | --hold] [--model FILE.onnx] [--state-file FILE]
              --once        clean up and exit at the end (the default)
              --hold        leave vault and node running until interrupted
              --model       use this model in place of all-MiniLM-L6-v2
              --state-file  write addresses, folders and process ids as JSON when all is up
            """;

    enum Afterwards {
        CLEAN_UP,
        HOLD
    }

    /**
     * Reads a command line.
     *
     * @throws IllegalArgumentException if it does not follow {@link #USAGE}
     */
    static DemoOptions of(String[] arguments) {
        var afterwards = Afterwards.CLEAN_UP;
        Optional<Path> model = Optional.empty();
        Optional<Path> stateFile = Optional.empty();
        List<String> rest = new ArrayList<>(List.of(arguments));
        while (!rest.isEmpty()) {
            String option = rest.removeFirst();
            switch (option) {
                case "--once" -> afterwards = Afterwards.CLEAN_UP;
                case "--hold" -> afterwards = Afterwards.HOLD;
                case "--model" -> model = Optional.of(path(option, rest));
                case "--state-file" -> stateFile = Optional.of(path(option, rest));
                default -> throw new IllegalArgumentException(option + " is not an option");
            }
        }
        return new DemoOptions(afterwards, model, stateFile);
    }

    private static Path path(String option, List<String> rest) {
        if (rest.isEmpty()) {
            throw new IllegalArgumentException(option + " wants a file");
        }
        return Path.of(rest.removeFirst()).toAbsolutePath().normalize();
    }
}
