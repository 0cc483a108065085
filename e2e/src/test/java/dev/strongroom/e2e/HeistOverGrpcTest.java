package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.output.OutputPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Thieves and an honest client ask a node through its public interface only, and what the whole
 * guard makes of them: tiers, limits, detector, ladder.
 */
@Tag("heist")
class HeistOverGrpcTest {
    private static final int NO_DATA = 3;
    private static final int THIEVES = 7;
    private static final String ROWS_A_DAY = "1000";
    private static final String ATTEMPTS = "900";

    @Test
    void thievesSpendTheirDayOnAFewAnswersAndAnHonestClientGetsAll() throws Exception {
        try (Deployment world = Deployment.withoutModel()) {
            Path files = world.owner().resolve("digits");
            Outcome trained = strongroom(world, "redteam", "victim", files.toString());
            assumeThat(trained.exit()).as(trained.err()).isNotEqualTo(NO_DATA);
            trained.succeeded();
            serve(world, files);
            JsonNode report = attacked(world, files);
            System.out.println("heist over gRPC: " + report);

            JsonNode honest = report.path("honest");
            assertThat(honest.path("answeredInFull").asInt())
                    .isEqualTo(honest.path("asked").asInt());
            assertThat(honest.path("bestClassChanged").asInt()).isZero();
            for (JsonNode thief : report.path("thieves")) {
                assertThat(thief.path("answered").asInt()).isLessThan(20);
                assertThat(thief.path("fidelity").asDouble()).isLessThan(0.25);
                assertThat(thief.path("fidelityWithoutGuard").asDouble()).isGreaterThan(0.35);
            }
        }
    }

    private static void serve(Deployment world, Path files) throws Exception {
        Path tapped = files.resolve("tapped.onnx");
        Path calibration = files.resolve("calibration");
        strongroom(
                        world,
                        "guard",
                        "calibrate",
                        files.resolve("victim.onnx").toString(),
                        files.resolve("calibration.npy").toString(),
                        tapped.toString(),
                        calibration.toString())
                .succeeded();
        ModelName digits = world.acme().model("digits");
        world.permitAnswers(digits, fewRowsADay());
        world.cli(
                        world.acme().owner(),
                        "model",
                        "push",
                        digits.toString(),
                        tapped.toString(),
                        "--calibration",
                        calibration.toString())
                .succeeded();
        world.startNode(digits, Launch.plain());
    }

    /** The policy that an owner starts from, but a consumer's day is short. */
    private static String fewRowsADay() {
        String standard = OutputPolicy.standard().canonical();
        int partner = standard.indexOf("\"tier\":\"partner\"");
        return standard.substring(0, partner)
                + standard.substring(partner)
                        .replaceFirst("\"rowsPerDay\":\\d+", "\"rowsPerDay\":" + ROWS_A_DAY);
    }

    private static JsonNode attacked(Deployment world, Path files) throws Exception {
        String ownerId = world.acme().ownerId().hex();
        List<String> thieves = new ArrayList<>();
        for (int thief = 0; thief < THIEVES; thief++) {
            Path context = files.resolve("thief-" + thief);
            world.identity(
                    "consumer",
                    "thief-" + thief,
                    context,
                    "--tenant",
                    "acme",
                    "--owner-id",
                    ownerId);
            thieves.add(context.toString());
        }
        Path report = files.resolve("report.json");
        strongroom(
                        world,
                        "redteam",
                        "node",
                        "--address",
                        world.node().field("grpc"),
                        "--model",
                        world.acme().model("digits").toString(),
                        "--victim",
                        files.resolve("victim.onnx").toString(),
                        "--honest",
                        files.resolve("honest.npy").toString(),
                        "--foreign",
                        files.resolve("foreign.npy").toString(),
                        "--client",
                        world.acme().consumer().toString(),
                        "--thieves",
                        String.join(",", thieves),
                        "--attempts",
                        ATTEMPTS,
                        "--json",
                        report.toString())
                .succeeded();
        return JsonMapper.shared().readTree(report);
    }

    private static Outcome strongroom(Deployment world, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("./strongroom"));
        command.addAll(List.of(words));
        return world.distribution().run(command);
    }
}
