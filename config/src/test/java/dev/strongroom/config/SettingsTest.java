package dev.strongroom.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    @TempDir private Path folder;

    @Test
    void readsWhatIsThereAndFillsInTheRest() throws Exception {
        Path file = file("path: /a/b\nnames: [x, y]\ninner: {word: z}\n");
        assertThat(Settings.read(file, "path: /a", SettingsTest::all))
                .isEqualTo(List.of(Path.of("/a/b"), 3, List.of("x", "y"), "z"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    path: [/a]                  | path: expected a text
                    path: relative              | path: expected an absolute path
                    path: "/a\\0b"              | path: expected an absolute path
                    count: 10                   | count: expected a number from 1 to 9
                    count: 99999999999999999999 | count: expected a number from 1 to 9
                    count: '5'                  | count: expected a number from 1 to 9
                    names: x                    | names: expected a list of names
                    names: [x, 7]               | names: expected names
                    inner: x                    | inner: expected the keys [word]
                    inner: {wort: x}            | inner.wort: unknown key; expected one of [word]
                    inner: {word: ''}           | inner.word: expected a text
                    other: x                    | other: unknown key; expected one of [count, inner, names, path]
                    """)
    void saysWhichKeyIsAtFaultAndWhatItExpects(String yaml, String fault) throws IOException {
        assertThat(refused(yaml.startsWith("path") ? yaml : "path: /a\n" + yaml))
                .hasMessageEndingWith("has 1 fault(s):\n  - " + fault);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"path: /a\npath: /b\n", "path: /a\n---\npath: /b\n", "path: [", "\u0001"})
    void refusesWhatIsNotOneDocumentWithEachKeyOnce(String yaml) throws IOException {
        assertThat(refused(yaml)).hasMessageContaining("not YAML");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "text", "[path]", "3"})
    void refusesWhatHasNoKeys(String yaml) throws IOException {
        assertThat(refused(yaml))
                .hasMessageEndingWith("expected keys and values, such as path: /a");
    }

    @Test
    void refusesAFileThatIsMissingTooLargeOrNoText() throws IOException {
        assertThat(refused(folder.resolve("none"))).hasMessageEndingWith("no such file");
        assertThat(refused("#".repeat(64 * 1024 + 1))).hasMessageEndingWith("than 65536 bytes");
        Path noText = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, 0, 3});
        assertThat(refused(noText)).hasMessageEndingWith("is no text");
        assertThat(refused(folder)).hasMessageEndingWith("expected a YAML file");
    }

    private static List<Object> all(Section root) {
        return List.of(
                root.only("path", "count", "names", "inner").path("path"),
                root.number("count", 3, 1, 9),
                root.texts("names", "[a-z]+", "names"),
                root.section("inner", "word").text("word", "none"));
    }

    private SettingsException refused(String yaml) throws IOException {
        return refused(file(yaml));
    }

    private static SettingsException refused(Path file) {
        return catchThrowableOfType(
                SettingsException.class, () -> Settings.read(file, "path: /a", SettingsTest::all));
    }

    private Path file(String yaml) throws IOException {
        return Files.writeString(folder.resolve("settings.yaml"), yaml);
    }
}
