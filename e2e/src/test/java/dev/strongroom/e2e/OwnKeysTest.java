package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.Tensor;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.testkit.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The vault's own keys change by commands, while a node serves and a witness watches. */
@Tag("nightly")
class OwnKeysTest {
    private static final int REMOTE = 2;
    private static final int INTEGRITY = 5;
    private static final Duration LONGER_THAN_A_LEASE = Duration.ofMinutes(5);

    private WitnessedWorld witnessed;
    private Deployment world;
    private ModelName model;

    @BeforeEach
    void serve() throws Exception {
        witnessed = WitnessedWorld.create("{leaseMinutes: 3}");
        world = witnessed.world;
        model = world.acme().model("tiny");
        witnessed.permit(model);
        world.push(model, TinyModel.write(world.owner().resolve("tiny.onnx"), Deployment.SEED));
        witnessed.awaitCosigned();
        world.startNode(model, Launch.plain());
        world.serves(model);
        requireAnswered();
    }

    @AfterEach
    void stop() throws Exception {
        witnessed.close();
    }

    @Test
    void theSigningKeyChangesUnderANodeAWitnessAndWhatItsThiefCouldShow() throws Exception {
        Path token = world.rest().resolve("result-token");
        consumer(
                        "evidence",
                        "token",
                        "get",
                        model.toString(),
                        "--boot-id",
                        bootId(),
                        "--out",
                        token.toString())
                .succeeded();
        verifyToken(token).succeeded();

        rotate("signing");
        requireAnswered();
        Outcome stale = verifyToken(token); // the infer showed the new identity
        assertThat(stale.exit()).as(stale.err()).isEqualTo(INTEGRITY);
        assertThat(stale.err()).contains("may be in other hands");

        Outcome unwitnessed = HandmadeNode.of(world, model).refused();
        assertThat(unwitnessed.exit()).as(unwitnessed.err()).isEqualTo(REMOTE);
        assertThat(unwitnessed.err()).contains("WITNESSES_MISSING");
        JsonNode log = witnessed.log().json();
        var keys = new ArrayList<String>();
        keys.add(log.path("log_key").asString());
        log.path("earlier_log_keys").forEach(key -> keys.add(key.asString()));
        assertThat(keys).hasSize(2);
        assertThat(keys.getLast()).contains(" until ");
        witnessed.restart(keys);
        witnessed.awaitCosigned();
        HandmadeNode.of(world, model).requireServing();
        requireAnsweredAfterARenewal();
    }

    @Test
    void theTlsKeyAndTheAuthorityChangeWhileANodeServes() throws Exception {
        rotate("tls");
        world.cli(world.operator(), "keys", "list", "-o", "json").succeeded();
        requireAnswered();

        rotate("ca");
        Path late = world.rest().resolve("late");
        world.identity(
                "consumer",
                "late",
                late,
                "--tenant",
                "acme",
                "--owner-id",
                world.acme().ownerId().hex());
        awaitAnswer(late); // the node learns of the new authority with its next renewal
        requireAnsweredAfterARenewal();

        Path second = world.rest().resolve("second-operator");
        world.identity("operator", "second", second);
        Outcome own = world.command(world.operator(), "keys", "retire", "--key", "ca");
        assertThat(own.exit()).as(own.err()).isNotZero();
        assertThat(own.err()).contains("your own certificate is of it");
        world.cli(second, "keys", "retire", "--key", "ca").succeeded();
        Outcome retired = world.command(world.operator(), "keys", "list");
        assertThat(retired.exit()).as("a certificate of the retired authority").isNotZero();
        world.cli(second, "keys", "list").succeeded();
        world.command(late, "model", "list").succeeded();
    }

    /** Of the release that the log has. */
    private String bootId() {
        String log =
                world.command(world.auditor(), "audit", "list", "-o", "json").succeeded().out();
        Matcher found = Pattern.compile("boot-id\"\\s*:\\s*\"([0-9a-f]{32})").matcher(log);
        assertThat(found.find()).as(log).isTrue();
        return found.group(1);
    }

    private void rotate(String key) throws Exception {
        Outcome rotated =
                world.cli(world.operator(), "keys", "rotate", "--key", key, "-o", "json")
                        .succeeded();
        assertThat(rotated.json().path("to_version").asInt()).isEqualTo(2);
    }

    private Outcome consumer(String... words) {
        return world.command(world.acme().consumer(), words);
    }

    private Outcome verifyToken(Path token) throws Exception {
        return consumer(
                "evidence",
                "token",
                "verify",
                token.toString(),
                "--model",
                model.toString(),
                "--pin",
                world.pin().hex());
    }

    private void requireAnswered() throws Exception {
        try (InferenceClient client = world.attested()) {
            assertThat(client.infer(List.of(question()))).hasSize(1);
        }
    }

    /** Leases last three minutes here: whoever answers after that was given another one. */
    private void requireAnsweredAfterARenewal() throws Exception {
        Instant end;
        try (InferenceClient client = world.attested()) {
            end = client.proof().leaseNotAfter();
        }
        Eventually.holds(
                LONGER_THAN_A_LEASE,
                () -> {
                    try (InferenceClient client = world.attested()) {
                        assertThat(client.infer(List.of(question()))).hasSize(1);
                        return client.proof().leaseNotAfter().isAfter(end);
                    }
                });
    }

    private void awaitAnswer(Path context) throws Exception {
        Path input = Files.writeString(world.rest().resolve("x.json"), row());
        Eventually.holds(
                LONGER_THAN_A_LEASE,
                () ->
                        world.command(
                                                context,
                                                "infer",
                                                model.toString(),
                                                "--node",
                                                world.node().field("grpc"),
                                                "--input",
                                                "x=@" + input)
                                        .exit()
                                == 0);
    }

    private static String row() {
        var numbers = new ArrayList<String>();
        for (float each : TinyModel.row(3)) {
            numbers.add(Float.toString(each));
        }
        return "[[" + String.join(",", numbers) + "]]";
    }

    private static Tensor question() {
        return Tensor.ofFloats("x", List.of(1L, (long) TinyModel.SIDE), TinyModel.row(3));
    }
}
