package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.output.OutputPolicy;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A group that an operator declares is one for the node, and spends nobody else's limits. */
@ExtendWith(SharedDeployment.class)
class DeclaredGroupTest {
    private static final int BURST = 600;

    private Deployment world;
    private ModelName model;

    @BeforeEach
    void serve(Deployment shared) throws Exception {
        world = shared.beside("groups");
        model = world.tenant().model("tiny");
        world.permitAnswers(
                model,
                OutputPolicy.standard()
                        .canonical()
                        .replaceAll(
                                "\"groupRate\":\\{\"rowsPerSecond\":\\d+,\"burst\":\\d+",
                                "\"groupRate\":{\"rowsPerSecond\":1,\"burst\":" + BURST));
        world.push(model, TinyModel.write(world.owner().resolve("tiny.onnx"), 1));
        world.startNode(model, Launch.plain());
    }

    @AfterEach
    void end() throws Exception {
        world.close();
    }

    @Test
    void whoIsOfOneGroupSharesItsRateAndNobodyElseDoes() throws Exception {
        Path one = person("one", "--group", "labs");
        Path two = person("two", "--group", "labs");
        Path other = person("other", "--group", "rivals");
        Path alone = person("alone");
        assertThat(ask(one, BURST)).isEmpty();
        assertThat(ask(two, BURST)).isEqualTo("RATE_LIMITED");
        assertThat(ask(other, BURST)).isEmpty();
        assertThat(ask(alone, BURST)).isEmpty();
        assertThat(listed("one")).isEqualTo("labs");
        assertThat(listed("alone")).isEmpty();
    }

    private Path person(String name, String... more) {
        Path context = world.rest().resolve(name);
        String tenant = world.tenant().name();
        var words = new String[more.length + 2];
        words[0] = "--tenant";
        words[1] = tenant;
        System.arraycopy(more, 0, words, 2, more.length);
        world.identity("consumer", name, context, words);
        return context;
    }

    private String ask(Path caller, int rows) throws Exception {
        try (var open = Caller.of(caller, world.node().field("grpc"))) {
            return TinyQuestion.refusal(open, model, rows);
        }
    }

    private String listed(String name) {
        String uri = "/" + world.tenant().name() + "/consumer/" + name;
        return world.command(world.operator(), "identity", "list", "-o", "json")
                .succeeded()
                .json()
                .path("identities")
                .valueStream()
                .filter(row -> row.path("identity").asString().endsWith(uri))
                .map(row -> row.path("group").asString())
                .findFirst()
                .orElseThrow();
    }
}
