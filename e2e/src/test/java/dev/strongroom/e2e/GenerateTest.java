package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.ModelName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A decoder, prepared, sealed, served by an attested node and asked by the client's command. */
@Tag("nightly")
class GenerateTest {
    private static final List<Integer> PROMPT = List.of(3, 1, 4, 1, 5);

    private Deployment world;
    private ModelName model;

    @BeforeEach
    void serve() throws Exception {
        world = Deployment.withoutModel();
        model = world.acme().model("writer");
        world.permit(model);
        Path plain = SummingDecoder.write(world.owner().resolve("writer.onnx"));
        Path settings =
                Files.writeString(
                        world.owner().resolve("generation.json"),
                        "{\"version\":1,\"endOfSequence\":[24],\"contextTokens\":64}");
        world.command(
                        world.acme().owner(),
                        "model",
                        "push",
                        model.toString(),
                        plain.toString(),
                        "--generation",
                        settings.toString())
                .succeeded();
        world.serves(model);
        world.startNode(model, Launch.plain());
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    @Test
    void tokensComeOneByOneAndEndAsTheOwnerSealed() throws Exception {
        JsonNode answer = generate("--max-tokens", "4").succeeded().json();
        assertThat(tokens(answer)).isEqualTo(SummingDecoder.expected(PROMPT, 4));
        assertThat(answer.path("finish").asString()).isEqualTo("length");
        assertThat(answer.path("attestation").asString()).isEqualTo("ok");

        Outcome streamed = generate("--max-tokens", "40", "--stream").succeeded();
        List<String> lines = streamed.out().lines().toList();
        JsonNode last = JsonMapper.shared().readTree(lines.getLast());
        assertThat(tokens(last)).startsWith(14, 28).contains(24).endsWith(24);
        assertThat(last.path("finish").asString()).isEqualTo("end");
        assertThat(lines.subList(0, lines.size() - 1))
                .containsExactlyElementsOf(tokens(last).stream().map(String::valueOf).toList());

        Outcome refused = generate("--max-tokens", "4", "--tokens", "1,50");
        assertThat(refused.exit()).isNotZero();
        assertThat(refused.err()).contains("outside the vocabulary");
    }

    @Test
    void aWholeSequenceHasAReceiptThatItsHolderCanProve() throws Exception {
        Path receipt = world.rest().resolve("sequence.receipt");
        Path question = world.rest().resolve("prompt.json");
        Path answer = world.rest().resolve("sequence.json");
        JsonNode generated =
                generate(
                                "--max-tokens",
                                "4",
                                "--receipt",
                                receipt.toString(),
                                "--question",
                                question.toString(),
                                "--answer",
                                answer.toString())
                        .succeeded()
                        .json();
        assertThat(tokens(generated)).isEqualTo(SummingDecoder.expected(PROMPT, 4));
        assertThat(generated.path("finish").asString()).isEqualTo("length");
        List<String> verify = List.of("receipt", "verify", receipt.toString(), "--question");
        List<String> both = new ArrayList<>(verify);
        both.addAll(List.of(question.toString(), "--answer", answer.toString()));
        world.command(world.acme().consumer(), both.toArray(String[]::new)).succeeded();
        Files.writeString(question, Files.readString(question).replace("[3,1", "[3,2"));
        List<String> other = new ArrayList<>(verify);
        other.add(question.toString());
        assertThat(world.command(world.acme().consumer(), other.toArray(String[]::new)).exit())
                .isEqualTo(5);
        Outcome streamed = generate("--stream", "--receipt", receipt.toString());
        assertThat(streamed.exit()).isEqualTo(1);
        assertThat(streamed.err()).contains("a stream has no receipt");
    }

    private Outcome generate(String... more) {
        var words = new ArrayList<>(List.of("generate", model.toString()));
        words.addAll(List.of("--node", world.node().field("grpc")));
        words.addAll(List.of("-o", "json"));
        if (!List.of(more).contains("--tokens")) {
            words.addAll(List.of("--tokens", "3,1,4,1,5"));
        }
        words.addAll(List.of(more));
        return world.command(world.acme().consumer(), words.toArray(String[]::new));
    }

    private static List<Integer> tokens(JsonNode answer) {
        List<Integer> tokens = new ArrayList<>();
        answer.path("tokens").forEach(token -> tokens.add(token.asInt()));
        return tokens;
    }
}
