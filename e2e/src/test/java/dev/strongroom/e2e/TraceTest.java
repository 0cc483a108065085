package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.PushRequest;
import dev.strongroom.client.Tensor;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.output.OutputPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Weights that leaked from a node name the node, and no other. */
@ExtendWith(SharedDeployment.class)
class TraceTest {
    private static final int SIDE = TinyModel.SIDE;

    private Deployment world;
    private ModelName tiny;
    private Path original;

    @BeforeEach
    void pushMarked(Deployment shared) throws Exception {
        world = shared.beside("trace");
        tiny = world.tenant().model("tiny");
        world.permit(tiny);
        original = TinyModel.write(world.owner().resolve("trace.onnx"), Deployment.SEED);
        try (var connection = world.connect(world.tenant().owner())) {
            world.publisher(connection)
                    .push(
                            new PushRequest(
                                    tiny,
                                    original,
                                    PushRequest.Preparing.WHERE_THERE_IS_ROOM,
                                    TrustLevel.SOFTWARE,
                                    "",
                                    "",
                                    List.of(),
                                    PushRequest.Marking.PER_RECIPIENT));
        }
        world.serves(tiny);
    }

    @AfterEach
    void end() throws Exception {
        world.close();
    }

    @Test
    void aStolenCopyNamesTheNodeItCameFrom() throws Exception {
        world.startNode(tiny, Launch.plain());
        float[] first = stolen();
        world.startNode(tiny, Launch.plain());
        float[] second = stolen();

        assertThat(first).isNotEqualTo(second).isNotEqualTo(TinyModel.weights(Deployment.SEED));
        JsonNode named = trace(first);
        assertThat(named.get(0).path("verdict").asString()).isEqualTo("named");
        assertThat(named.get(1).path("verdict").asString()).isEqualTo("no evidence");
        JsonNode other = trace(second);
        assertThat(other.get(0).path("boot_id")).isEqualTo(named.get(1).path("boot_id"));
        assertThat(other.get(0).path("verdict").asString()).isEqualTo("named");
        assertThat(trace(TinyModel.weights(Deployment.SEED)).get(0).path("verdict").asString())
                .isEqualTo("no evidence");
    }

    @Test
    void whereTheOwnerHasMarksOffACopyIsAsItWasPushed() throws Exception {
        world.permitAnswers(
                tiny,
                OutputPolicy.standard()
                        .canonical()
                        .replace("\"fingerprint\":\"on\"", "\"fingerprint\":\"off\""));
        world.startNode(tiny, Launch.plain());
        assertThat(stolen()).isEqualTo(TinyModel.weights(Deployment.SEED));
    }

    /** The model is one matrix, so that its answers to unit vectors are its weights. */
    private float[] stolen() throws Exception {
        float[] units = new float[SIDE * SIDE];
        for (int i = 0; i < SIDE; i++) {
            units[i * SIDE + i] = 1;
        }
        try (InferenceClient client = world.attested()) {
            List<Long> shape = List.of((long) SIDE, (long) SIDE);
            return client.infer(List.of(Tensor.ofFloats("x", shape, units))).getFirst().floats();
        }
    }

    private JsonNode trace(float[] weights) throws Exception {
        Path suspect = world.owner().resolve("trace-suspect.onnx");
        Files.write(suspect, TinyModel.bytes(weights));
        return world.command(
                        world.tenant().owner(),
                        "trace",
                        suspect.toString(),
                        "--of",
                        tiny.toString(),
                        "--original",
                        original.toString(),
                        "-o",
                        "json")
                .succeeded()
                .json()
                .path("recipients");
    }
}
