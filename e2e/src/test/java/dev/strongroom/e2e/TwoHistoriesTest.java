package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.Tensor;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.sim.demo.Daemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The vault's operator runs the vault twice, from one token and copies of one database, and shows
 * one history to some and another one to others. All are processes of the built distribution.
 */
@Tag("nightly")
class TwoHistoriesTest {
    private static final int REMOTE = 2;
    private static final int INTEGRITY = 5;

    private WitnessedWorld witnessed;
    private Deployment world;
    private ModelName watched;
    private ModelName plain;

    @BeforeEach
    void push() throws Exception {
        witnessed = WitnessedWorld.create("{}");
        world = witnessed.world;
        watched = world.acme().model("watched");
        plain = world.acme().model("plain");
        witnessed.permit(watched);
        world.permit(plain);
        for (ModelName model : List.of(watched, plain)) {
            Path file = world.owner().resolve(model.name() + ".onnx");
            world.push(model, TinyModel.write(file, Deployment.SEED));
        }
        witnessed.awaitCosigned();
    }

    @AfterEach
    void stop() throws Exception {
        witnessed.close();
    }

    @Test
    void aNodeAClientAnAuditorAndAWitnessWhoSawOneHistoryRefuseTheOther() throws Exception {
        world.vault().close();
        Path copy = copyOf(world.vaultData());
        Daemon genuine = world.startVault(Launch.plain());

        HandmadeNode seeing = HandmadeNode.of(world, plain);
        seeing.requireServing();
        world.startNode(plain, Launch.plain());
        world.serves(plain);
        requireAnswered();
        world.command(world.acme().owner(), "audit", "verify").succeeded();
        witnessed.awaitCosigned();

        world.startTwin(copy);
        for (int i = 0; i < 12; i++) { // the other history is the longer one
            world.identity("auditor", "more-" + i, world.rest().resolve("more-" + i));
        }
        refused(seeing, INTEGRITY, "shows two histories");
        refused(HandmadeNode.of(world, watched), REMOTE, "WITNESSES_MISSING");
        assertThat(Files.readString(witnessed.witnessLog()))
                .containsPattern("log\\.(unproven|two-histories)");
        Outcome owner = world.command(world.acme().owner(), "audit", "verify");
        assertThat(owner.exit()).as(owner.err()).isEqualTo(INTEGRITY);
        Outcome auditor = world.command(world.auditor(), "audit", "verify");
        assertThat(auditor.exit()).as(auditor.err()).isEqualTo(INTEGRITY);

        world.startNode(plain, Launch.plain()); // it has seen neither history
        assertThatThrownBy(this::requireAnswered)
                .isInstanceOfSatisfying(
                        ClientException.class,
                        e ->
                                assertThat(e.kind())
                                        .isEqualTo(ClientException.Kind.VERIFICATION_FAILED))
                .hasMessageContaining("log");

        world.use(genuine);
        witnessed.awaitCosigned();
        world.command(world.acme().owner(), "audit", "verify").succeeded();
        seeing.requireServing();
        HandmadeNode.of(world, watched).requireServing();
    }

    private void requireAnswered() throws Exception {
        try (InferenceClient client = world.attested()) {
            float[] row = TinyModel.row(3);
            var question = Tensor.ofFloats("x", List.of(1L, (long) TinyModel.SIDE), row);
            assertThat(client.infer(List.of(question))).hasSize(1);
        }
    }

    private static void refused(HandmadeNode node, int exit, String why) throws Exception {
        Outcome outcome = node.refused();
        assertThat(outcome.exit()).as(outcome.err()).isEqualTo(exit);
        assertThat(outcome.err()).contains(why);
    }

    private Path copyOf(Path data) throws IOException {
        Path copy = world.rest().resolve("vault-twin");
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        copy.resolve(data.relativize(file)),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        return copy;
    }
}
