package dev.strongroom.redteam;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;

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

    /** Lines of this budget that a run did not measure: misspelt, or of another kind of run. */
    SortedSet<String> unmeasured(List<Findings> all) {
        var keys = new TreeSet<>(most.keySet());
        all.forEach(victim -> victim.claims().forEach(claim -> keys.remove(claim.key())));
        return keys;
    }

    /** True if some victim missed a line, or a line of this budget was not measured. */
    boolean isMissed(List<Findings> all) {
        return !unmeasured(all).isEmpty()
                || all.stream()
                        .anyMatch(victim -> victim.claims().stream().anyMatch(c -> !c.met()));
    }
}
