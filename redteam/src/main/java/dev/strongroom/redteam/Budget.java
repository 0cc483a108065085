package dev.strongroom.redteam;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * An owner's own limits for some lines, by their keys.
 *
 * @param most of each line that is in it
 */
record Budget(Map<String, Double> most) {
    /** What the project claims. */
    static final Budget CLAIMED = new Budget(Map.of());

    Budget {
        most = Map.copyOf(most);
    }

    /** Reads {@code key = number} lines. */
    static Budget read(Path file) throws IOException {
        var lines = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            lines.load(in);
        }
        var most = new HashMap<String, Double>();
        for (String key : lines.stringPropertyNames()) {
            try {
                most.put(key, Double.valueOf(lines.getProperty(key).strip()));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        file + ": " + key + ": expected a number, the most that is allowed", e);
            }
        }
        return new Budget(most);
    }

    double most(String key, double claimed) {
        return most.getOrDefault(key, claimed);
    }
}
