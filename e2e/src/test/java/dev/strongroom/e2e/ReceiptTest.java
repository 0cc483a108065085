package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A node signs what it answered, and anybody with the pin can check that later, offline. */
@ExtendWith(SharedDeployment.class)
class ReceiptTest {
    private static final int LOCAL = 1;
    private static final int UNVERIFIED = 5;

    @TempDir private Path folder;

    @Test
    void anAnswerCanBeProvenOffline(Deployment world) throws Exception {
        Path receipt = folder.resolve("answer.receipt");
        infer(world, 1, "--receipt", receipt.toString()).succeeded();

        JsonNode proven = verify(world, receipt).succeeded().json();
        assertThat(proven.path("receipt").asString()).isEqualTo("ok");
        assertThat(proven.path("model").asString()).isEqualTo(world.model().toString());
        assertThat(proven.path("tee").asString()).isEqualTo("simulated");
        assertThat(proven.path("manifest_digest").asString()).hasSize(64);

        byte[] bytes = Files.readAllBytes(receipt);
        for (int at = 40; at < bytes.length; at += bytes.length / 9) {
            byte[] bent = bytes.clone();
            bent[at] ^= 1;
            Files.write(receipt, bent);
            assertThat(verify(world, receipt).exit()).as("byte %d", at).isEqualTo(UNVERIFIED);
        }
    }

    @Test
    void whatItsHolderKeptIsWhatTheReceiptIsAboutAndNothingElseIs(Deployment world)
            throws Exception {
        Path receipt = folder.resolve("kept.receipt");
        Path question = folder.resolve("question.json");
        Path answer = folder.resolve("answer.json");
        Path otherAnswer = folder.resolve("other.json");
        keep(world, 1, receipt, question, answer);
        JsonNode proven =
                verify(world, receipt, "--question", "" + question, "--answer", "" + answer)
                        .succeeded()
                        .json();
        assertThat(proven.path("question").asString()).isEqualTo("ok");
        assertThat(proven.path("answer").asString()).isEqualTo("ok");
        assertThat(verify(world, receipt).succeeded().json().path("answer").asString())
                .isEqualTo("not compared");

        // In one list, as the protocol allows: the same numbers.
        Files.writeString(
                question, Files.readString(question).replace("[[", "[").replace("]]", "]"));
        verify(world, receipt, "--question", "" + question).succeeded();

        keep(
                world,
                2,
                folder.resolve("second.receipt"),
                folder.resolve("second.json"),
                otherAnswer);
        for (Path others : List.of(otherAnswer, bent(answer, "\"1\"", "\"2\""))) {
            Outcome refused = verify(world, receipt, "--answer", "" + others);
            assertThat(refused.exit()).as(refused.err()).isEqualTo(UNVERIFIED);
            assertThat(refused.err()).contains("another answer");
        }
        Path secondQuestion = folder.resolve("second.json");
        for (Path others : List.of(secondQuestion, bent(question, "\"x\"", "\"z\""))) {
            Outcome refused = verify(world, receipt, "--question", "" + others);
            assertThat(refused.exit()).as(refused.err()).isEqualTo(UNVERIFIED);
            assertThat(refused.err()).contains("another question");
        }
        Outcome noAnswer = verify(world, receipt, "--answer", "" + question);
        assertThat(noAnswer.exit()).isEqualTo(LOCAL);
        assertThat(noAnswer.err()).contains("no tensors under 'outputs'");
        assertThat(infer(world, 1, "--answer", "" + answer).exit()).isEqualTo(LOCAL);
    }

    private static Path bent(Path file, String part, String other) throws IOException {
        String before = Files.readString(file);
        assertThat(before).contains(part);
        return Files.writeString(
                file.resolveSibling("bent-" + file.getFileName()), before.replace(part, other));
    }

    private static void keep(Deployment world, long row, Path receipt, Path question, Path answer)
            throws Exception {
        infer(
                        world,
                        row,
                        "--receipt",
                        receipt.toString(),
                        "--question",
                        question.toString(),
                        "--answer",
                        answer.toString())
                .succeeded();
    }

    private static Outcome infer(Deployment world, long row, String... more) throws Exception {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                "infer",
                                world.model().toString(),
                                "--node",
                                world.node().field("grpc"),
                                "--input",
                                "x="
                                        + JsonMapper.shared()
                                                .writeValueAsString(List.of(TinyModel.row(row)))));
        words.addAll(List.of(more));
        return world.command(world.acme().consumer(), words.toArray(String[]::new));
    }

    private static Outcome verify(Deployment world, Path receipt, String... more) {
        List<String> words =
                new ArrayList<>(List.of("receipt", "verify", receipt.toString(), "-o", "json"));
        words.addAll(List.of(more));
        return world.command(world.acme().consumer(), words.toArray(String[]::new));
    }
}
