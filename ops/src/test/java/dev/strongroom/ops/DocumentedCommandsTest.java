package dev.strongroom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.TrustAnchors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Each command line in README.md and docs/ is one that the tree understands, options included. */
class DocumentedCommandsTest {
    /** First words that the launcher gives to other processes, or to itself. */
    private static final Set<String> PROCESSES =
            Set.of("bench", "build", "demo", "node", "redteam", "test", "tune", "vault", "witness");

    /** The same, of groups that this tree has as well. */
    private static final Set<String> OF_OTHERS =
            Set.of("agent init", "agent log", "agent run", "guard calibrate", "guard flips");

    private static final Pattern LINE =
            Pattern.compile("(?m)(?:^ {4}|`)(?:\\./)?strongroom ([^`\n]+)");

    /** As the runbook writes them, without the program's name. */
    private static final Pattern SHORT = Pattern.compile("`([a-z]+ [a-z-]+[^`\n]*)`");

    private static final Pattern WORD = Pattern.compile("[a-z][a-z-]*");
    private static final Pattern OPTION = Pattern.compile("--[a-z][a-z-]*");

    static Stream<Path> documents() throws IOException {
        Path root = Path.of(System.getProperty("strongroom.root"));
        try (Stream<Path> docs = Files.list(root.resolve("docs"))) {
            return Stream.concat(
                    Stream.of(root.resolve("README.md")),
                    docs
                            .filter(file -> file.toString().endsWith(".md"))
                            .sorted()
                            .toList()
                            .stream());
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void namesCommandsAndOptionsThatExist(Path document) throws IOException {
        String text = Files.readString(document);
        Stream<String> full = LINE.matcher(text).results().map(found -> found.group(1));
        Stream<String> brief =
                SHORT.matcher(text)
                        .results()
                        .map(found -> found.group(1))
                        .filter(line ->
                                tree().getSubcommands().containsKey(words(line).getFirst()));
        assertThat(Stream.concat(full, brief).filter(line -> !exists(words(line)))).isEmpty();
    }

    private static List<String> words(String line) {
        return List.of(line.replaceFirst(" +#.*", "").split("[ ,;]+"));
    }

    private static boolean exists(List<String> words) {
        String first = words.getFirst();
        boolean elsewhere =
                PROCESSES.contains(first)
                        || (words.size() > 1 && OF_OTHERS.contains(first + " " + words.get(1)));
        if (elsewhere || first.startsWith("--")) {
            return true;
        }
        CommandLine command = tree();
        int known = 0;
        for (String word : words) {
            CommandLine sub = command.getSubcommands().get(word);
            if (sub == null) {
                break;
            }
            command = sub;
            known++;
        }
        boolean groupOnly = !command.getSubcommands().isEmpty();
        boolean unknownWord =
                groupOnly && known < words.size() && WORD.matcher(words.get(known)).matches();
        return known > 0 && !unknownWord && (groupOnly || hasOptions(command, words));
    }

    private static boolean hasOptions(CommandLine command, List<String> words) {
        return words.stream()
                .filter(word -> OPTION.matcher(word).matches())
                .allMatch(option -> command.getCommandSpec().findOption(option) != null);
    }

    private static CommandLine tree() {
        var root = new CommandLine(new RootOptions());
        Commands.addTo(
                root, new Session(TrustAnchors.vendors(), Console.ofProcess(), new RootOptions()));
        return root;
    }
}
