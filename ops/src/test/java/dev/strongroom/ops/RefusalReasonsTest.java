package dev.strongroom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever is refused by a node finds the reason in docs/calling.md. */
class RefusalReasonsTest {
    private static final Path ROOT = Path.of(System.getProperty("strongroom.root"));

    /** A name of several words, or what is given as the reason of a refusal. */
    private static final Pattern REASON =
            Pattern.compile(
                    "\"([A-Z]+(?:_[A-Z]+)+)\"|(?:RefusedException|invalid|exhausted|later|denied)"
                            + "\\(\\s*(?:Status\\.Code\\.[A-Z_]+,\\s*)?\"([A-Z]+)\"");

    private static final Pattern WORD = Pattern.compile("[A-Z]+(?:_[A-Z]+)*");

    @Test
    void everyReasonOfANodeIsExplained() throws IOException {
        Set<String> explained =
                WORD.matcher(Files.readString(ROOT.resolve("docs/calling.md")))
                        .results()
                        .map(match -> match.group())
                        .collect(Collectors.toSet());
        Set<String> given = given();
        assertThat(given).hasSizeGreaterThan(60).contains("DRAINING", "OVERLOADED", "NO_TIER");
        assertThat(explained).containsAll(given);
    }

    private static Set<String> given() throws IOException {
        List<Path> sources;
        try (Stream<Path> all = Files.walk(ROOT.resolve("serving/src/main/java"))) {
            sources = all.filter(file -> file.toString().endsWith(".java")).toList();
        }
        var reasons = new TreeSet<String>();
        for (Path source : sources) {
            REASON.matcher(Files.readString(source))
                    .results()
                    .map(match -> match.group(1) == null ? match.group(2) : match.group(1))
                    .forEach(reasons::add);
        }
        return reasons;
    }
}
