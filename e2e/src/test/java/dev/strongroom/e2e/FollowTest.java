package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.Tensor;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.testkit.Eventually;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A node that goes over to each later version while it is asked without a pause. */
@ExtendWith(SharedDeployment.class)
class FollowTest {
    private static final float TOLERANCE = 1e-4f;
    private static final long LATER = Deployment.SEED + 1;

    private Deployment world;
    private ModelName model;

    @BeforeEach
    void push(Deployment shared) throws Exception {
        world = shared.beside("follow");
        model = world.tenant().model("tiny");
        world.permit(model);
        world.push(model, TinyModel.write(world.owner().resolve("follow.onnx"), Deployment.SEED));
        world.serves(model);
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    @Test
    void laterVersionsTakeOverWithoutALostCallAndEarlierOnesAreOverwritten() throws Exception {
        world.configureNodes("follow: 1\nprofile: fast");
        world.startNode(model, Launch.plain());
        long before = lastWords();
        try (InferenceClient client = world.attested()) {
            assertThat(ask(client)).isEqualTo(Deployment.SEED);
            world.push(model, TinyModel.write(world.owner().resolve("follow-later.onnx"), LATER));
            // Every call on the way is answered, by one version or the other.
            Eventually.holds(() -> ask(client) == LATER);
        }
        try (InferenceClient again = world.attested()) {
            assertThat(again.proof().version()).isEqualTo(2);
            assertThat(ask(again)).isEqualTo(LATER);
        }
        Eventually.holds(() -> Files.readString(world.nodeLog()).contains("version.followed"));
        Eventually.holds(() -> lastWords() > before);
    }

    /** Of nodes that overwrote a version, as the log has them. */
    private long lastWords() {
        Outcome log = world.command(world.auditor(), "audit", "list", "-o", "json");
        return log.succeeded().out().split("node.zeroised", -1).length;
    }

    /** Whose answer it is. */
    private static long ask(InferenceClient client) throws Exception {
        float[] row = TinyModel.row(3);
        var question = Tensor.ofFloats("x", List.of(1L, (long) TinyModel.SIDE), row);
        float[] answer = client.infer(List.of(question)).getFirst().floats();
        for (long seed : List.of(Deployment.SEED, LATER)) {
            float[] expected = TinyModel.expected(row, seed);
            if (IntStream.range(0, answer.length)
                    .allMatch(i -> Math.abs(answer[i] - expected[i]) < TOLERANCE)) {
                return seed;
            }
        }
        throw new AssertionError("an answer of neither version");
    }
}
