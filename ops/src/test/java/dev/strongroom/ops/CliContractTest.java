package dev.strongroom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.TrustAnchors;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What holds for every command, enumerated from the tree itself. */
class CliContractTest {
    @TempDir Path context;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    static Stream<List<String>> everyCommand() {
        var root = new CommandLine(new RootOptions());
        Commands.addTo(
                root, new Session(TrustAnchors.vendors(), Console.ofProcess(), new RootOptions()));
        var found = new ArrayList<List<String>>();
        collect(root, List.of(), found);
        return found.stream();
    }

    static Stream<List<String>> everyGroup() {
        return everyCommand().filter(words -> isGroup(words));
    }

    static Stream<List<String>> everyLeaf() {
        return everyCommand().filter(words -> !isGroup(words));
    }

    @Test
    void theTreeIsTheDocumentedOne() {
        assertThat(everyLeaf().map(words -> String.join(" ", words)))
                .containsExactlyInAnyOrder(
                        "agent revoke",
                        "approvals approve",
                        "approvals list",
                        "approvals reject",
                        "approvals request",
                        "approvals show",
                        "approver init",
                        "audit list",
                        "audit verify",
                        "backup create",
                        "backup list",
                        "decoys lift",
                        "decoys list",
                        "decoys plant",
                        "decoys quarantines",
                        "decoys remove",
                        "guard list",
                        "guard loosen",
                        "guard tighten",
                        "doctor",
                        "evidence inspect",
                        "evidence token get",
                        "evidence token verify",
                        "evidence verify",
                        "identity create",
                        "identity list",
                        "identity withdraw",
                        "image build",
                        "image measure",
                        "generate",
                        "infer",
                        "receipt verify",
                        "trace",
                        "keys ceremony",
                        "keys destroy",
                        "keys export-public",
                        "keys list",
                        "keys pause",
                        "keys resume",
                        "keys retire",
                        "keys rotate",
                        "keys status",
                        "keys recover-token",
                        "model alias list",
                        "model alias rm",
                        "model alias set",
                        "model list",
                        "model push",
                        "model show",
                        "model verify",
                        "owner init",
                        "policy diff",
                        "policy explain",
                        "policy history",
                        "policy new",
                        "policy new-output",
                        "policy set",
                        "policy show",
                        "revoke chip",
                        "revoke lift",
                        "revoke list",
                        "revoke measurement",
                        "revoke model",
                        "revoke node",
                        "revoke policy",
                        "revoke version",
                        "tenant create",
                        "version");
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void helpIsDataAndExitsZero(List<String> words) {
        assertThat(run(words, "--help")).isZero();
        assertThat(text(out)).contains("Usage: strongroom").contains("--output");
        assertThat(text(err)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void anUnknownFlagIsAUsageError(List<String> words) {
        assertThat(run(words, "--no-such-flag", "-o", "json")).isEqualTo(1);
        assertThat(text(out)).isEmpty();
        JsonNode error = json(err);
        assertThat(error.get("code").asString()).isEqualTo("usage");
        assertThat(error.get("exit").asInt()).isEqualTo(1);
        assertThat(error.get("message").asString()).isNotBlank();
        assertThat(error.get("hint").asString()).endsWith("--help");
        assertThat(error.get("tee").asString()).isEqualTo("hardware");
    }

    @ParameterizedTest
    @MethodSource("everyGroup")
    void aWordAloneIsAUsageError(List<String> words) {
        assertThat(run(words)).isEqualTo(1);
        assertThat(text(out)).isEmpty();
        assertThat(text(err)).startsWith("error: ").contains("next: strongroom");
    }

    @ParameterizedTest
    @MethodSource("everyLeaf")
    void answersOrFailsInJson(List<String> words) {
        int exit = run(words, "-o", "json", "--addr", "127.0.0.1:1");
        if (exit == 0) {
            assertThat(json(out).get("tee").asString()).isEqualTo("hardware");
        } else {
            JsonNode error = json(err);
            assertThat(error.get("exit").asInt()).isEqualTo(exit);
            assertThat(error.get("hint").asString()).isNotBlank();
        }
    }

    @Test
    void yamlIsYaml() {
        assertThat(run(List.of("version"), "-o", "yaml")).isZero();
        assertThat(text(out)).contains("tee: \"hardware\"");
    }

    @Test
    void anUnknownFormatIsAUsageError() {
        assertThat(run(List.of("version"), "-o", "xml")).isEqualTo(1);
        assertThat(text(err)).contains("--output");
    }

    @Test
    void suggestsTheCommandThatWasMeant() {
        assertThat(run(List.of("modle"))).isEqualTo(1);
        assertThat(text(err)).contains("modle");
    }

    private int run(List<String> words, String... more) {
        var args = new ArrayList<>(words);
        args.addAll(List.of(more));
        var console =
                new Console(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Console.Errors.FILE,
                        Map.of("STRONGROOM_CONTEXT", context.toString()));
        return new StrongroomCommand(TrustAnchors.vendors(), console)
                .execute(args.toArray(String[]::new));
    }

    private static JsonNode json(ByteArrayOutputStream stream) {
        return JsonMapper.builder().build().readTree(text(stream));
    }

    private static String text(ByteArrayOutputStream stream) {
        return stream.toString(StandardCharsets.UTF_8);
    }

    private static boolean isGroup(List<String> words) {
        return everyCommand()
                .anyMatch(other ->
                        other.size() > words.size()
                                && other.subList(0, words.size()).equals(words));
    }

    private static void collect(CommandLine line, List<String> words, List<List<String>> found) {
        found.add(words);
        line.getSubcommands()
                .forEach((name, sub) -> {
                    var longer = new ArrayList<>(words);
                    longer.add(name);
                    collect(sub, List.copyOf(longer), found);
                });
    }
}
