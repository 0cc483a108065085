package dev.strongroom.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * docs/configuration.md, for tests that hold its examples against the readers of configuration
 * files.
 *
 * @param example the whole file that the page shows of one process
 */
public record ConfigurationPage(String example) {
    private static final Pattern KNOWN = Pattern.compile("expected one of \\[([^]]*)]");

    /**
     * The page's example of a process.
     *
     * @param heading of its section, such as {@code Vault}
     */
    public static ConfigurationPage of(String heading) throws IOException {
        String root = System.getProperty("strongroom.root");
        String page = Files.readString(Path.of(root, "docs", "configuration.md"));
        var block = Pattern.compile("(?s)\n## " + heading + "\n.*?```yaml\n(.*?)```");
        return new ConfigurationPage(
                block.matcher(page)
                        .results()
                        .map(found -> found.group(1))
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("no section " + heading)));
    }

    /** The example in a file of its own. */
    public Path in(Path folder) throws IOException {
        return Files.writeString(folder.resolve("example.yaml"), example);
    }

    /**
     * Keys that a reader knows and the example does not show, as a value or behind {@code #}.
     *
     * @param fault what the reader said of an unknown key
     */
    public List<String> lacks(String fault) {
        MatchResult known = KNOWN.matcher(fault).results().findFirst().orElseThrow();
        return List.of(known.group(1).split(", ")).stream()
                .filter(key -> !Pattern.compile("\\b" + key + ": ?").matcher(example).find())
                .toList();
    }
}
