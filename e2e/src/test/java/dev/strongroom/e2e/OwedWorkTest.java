package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.Tensor;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.output.OutputPolicy;
import io.grpc.StatusRuntimeException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A caller who is suspected owes work: he hears of it, and our client does it by itself. */
@Tag("nightly")
class OwedWorkTest {
    private static final int SIDE = WatchedClassifier.SIDE;

    @Test
    void theClientDoesTheWorkThatOthersHearOf() throws Exception {
        try (Deployment world = Deployment.withoutModel()) {
            ModelName model = world.acme().model("classes");
            WatchedClassifier.push(
                    world,
                    model,
                    OutputPolicy.standard()
                            .canonical()
                            .replace(
                                    "\"puzzle\":{\"state\":\"off\",\"memoryKib\":8192",
                                    "\"puzzle\":{\"state\":\"on\",\"memoryKib\":256"));
            world.startNode(model, Launch.plain());
            world.serves(model);
            try (var plain = Caller.of(world.acme().consumer(), world.node().field("grpc"))) {
                assertThat(asksUntilRefused(plain, model)).isEqualTo("PUZZLE_DUE");
                try (InferenceClient client = world.attested()) {
                    var shape = List.of(1L, (long) SIDE);
                    var row = Tensor.ofFloats("x", shape, foreign(1000));
                    assertThat(client.infer(List.of(row)).getFirst().floats()).hasSize(SIDE);
                }
                assertThat(ask(plain, model, foreign(2000))).isEqualTo("PUZZLE_DUE");
            }
        }
    }

    private static String asksUntilRefused(Caller caller, ModelName model) {
        for (int asked = 0; asked < 100; asked++) {
            String reason = ask(caller, model, foreign(asked));
            if (!reason.isEmpty()) {
                return reason;
            }
        }
        return "";
    }

    /** Why not, or nothing. */
    private static String ask(Caller caller, ModelName model, float[] row) {
        try {
            var _ = WatchedClassifier.ask(caller, model, row);
            return "";
        } catch (StatusRuntimeException e) {
            return Refused.reason(e);
        }
    }

    private static float[] foreign(int number) {
        return WatchedClassifier.foreign(number);
    }
}
