package dev.strongroom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documents point to is there: tests, and each other's pages and sections. */
class DocumentsTest {
    private static final Path ROOT = Path.of(System.getProperty("strongroom.root"));
    private static final Pattern TEST =
            Pattern.compile("\\b[A-Z][A-Za-z0-9]*(?:Test|Fuzz|Properties|Contract)\\b");
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#]*)(?:#([^)]+))?\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
    private static final Pattern DECISION = Pattern.compile("(?m)^### (.*)$");

    private static final Set<String> CLASSES = new HashSet<>();

    @BeforeAll
    static void findClasses() throws IOException {
        Files.walkFileTree(
                ROOT,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes is) {
                        String name = dir.getFileName().toString();
                        return name.equals("target") || name.startsWith(".")
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes is) {
                        String name = file.getFileName().toString();
                        if (name.endsWith(".java")) {
                            CLASSES.add(name.substring(0, name.length() - ".java".length()));
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    static Stream<Path> documents() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            List<Path> pages = docs.filter(file -> file.toString().endsWith(".md")).toList();
            return Stream.concat(
                    Stream.of(ROOT.resolve("README.md"), ROOT.resolve("CHANGELOG.md")),
                    pages.stream().sorted());
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void namesTestsThatExist(Path document) throws IOException {
        Stream<String> named =
                TEST.matcher(Files.readString(document)).results().map(found -> found.group());
        assertThat(named.distinct().filter(name -> !CLASSES.contains(name))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void linksToPagesAndSectionsThatExist(Path document) throws IOException {
        Stream<String> broken =
                LINK.matcher(Files.readString(document))
                        .results()
                        .filter(link -> !leadsSomewhere(document, link.group(1), link.group(2)))
                        .map(found -> found.group());
        assertThat(broken).isEmpty();
    }

    @Test
    void everyDecisionIsInTheContents() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/decisions.md"));
        Stream<String> titles =
                DECISION.matcher(page).results().map(found -> found.group(1)).map(this::anchor);
        assertThat(titles.filter(anchor -> !page.contains("](#" + anchor + ")"))).isEmpty();
    }

    private boolean leadsSomewhere(Path from, String path, @Nullable String section) {
        Path to = path.isEmpty() ? from : from.resolveSibling(path);
        if (!Files.exists(to)) {
            return false;
        }
        return section == null || anchors(to).contains(section);
    }

    private List<String> anchors(Path page) {
        try {
            return HEADING.matcher(Files.readString(page))
                    .results()
                    .map(found -> anchor(found.group(1)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As GitHub makes them of headings. */
    private String anchor(String heading) {
        return heading.strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}_\\- ]", "")
                .replace(' ', '-');
    }
}
