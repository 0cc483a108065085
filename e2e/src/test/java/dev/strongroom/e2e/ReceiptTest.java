package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A node signs what it answered, and anybody with the pin can check that later, offline. */
@ExtendWith(SharedDeployment.class)
class ReceiptTest {
    private static final int UNVERIFIED = 5;

    @TempDir private Path folder;

    @Test
    void anAnswerCanBeProvenOffline(Deployment world) throws Exception {
        Path receipt = folder.resolve("answer.receipt");
        world.command(
                        world.acme().consumer(),
                        "infer",
                        world.model().toString(),
                        "--node",
                        world.node().field("grpc"),
                        "--input",
                        "x=" + JsonMapper.shared().writeValueAsString(List.of(TinyModel.row(1))),
                        "--receipt",
                        receipt.toString())
                .succeeded();

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

    private static Outcome verify(Deployment world, Path receipt) {
        return world.command(
                world.acme().consumer(), "receipt", "verify", receipt.toString(), "-o", "json");
    }
}
