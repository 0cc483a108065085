package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.sim.demo.Daemon;
import dev.strongroom.testkit.Eventually;
import dev.strongroom.vault.LateVault;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** A day of 1,000 rows against whoever wants more, over real nodes that share a vault. */
@Tag("nightly")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DayBudgetTest {
    private static final int DAY = 1000;
    private static final int CHANNELS = 8;
    private static final String SPENT = "DAY_BUDGET";
    private static final String NO_WORD = "BUDGET_UNKNOWN"; // of the vault

    private static Deployment world;
    private static ModelName model;
    private static Daemon first;
    private static Daemon second;

    @BeforeAll
    static void serve() throws Exception {
        world = Deployment.withoutModel();
        model = world.acme().model("tiny");
        world.permitAnswers(model, shortDay());
        world.push(model, TinyModel.write(world.owner().resolve("tiny.onnx"), 1));
        Path other = person("node", "edge-2");
        first = world.startNode(model, world.nodeData(0), Launch.plain());
        second = world.startNode(model, other, world.nodeData(1), Launch.plain());
    }

    @AfterAll
    static void stop() throws Exception {
        world.close();
    }

    @Test
    void eightChannelsOverTwoNodesGetADayAndNotOneRowMore() throws Exception {
        Path many = person("consumer", "many");
        List<Callable<Integer>> callers = new ArrayList<>();
        for (int channel = 0; channel < CHANNELS; channel++) {
            Daemon node = channel % 2 == 0 ? first : second;
            callers.add(() -> untilSpent(many, node));
        }
        int answered = 0;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> each : threads.invokeAll(callers)) {
                answered += each.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
        assertThat(answered).isEqualTo(DAY);
        assertThat(ask(many, first, 1)).isEqualTo(SPENT);
        assertThat(ask(many, second, 1)).isEqualTo(SPENT);
    }

    /** Rows that were answered one by one. */
    private static int untilSpent(Path caller, Daemon node) throws Exception {
        try (var open = Caller.of(caller, node.field("grpc"))) {
            for (int answered = 0; ; answered++) {
                String reason = TinyQuestion.refusal(open, model, 1);
                if (!reason.isEmpty()) {
                    assertThat(reason).isEqualTo(SPENT);
                    return answered;
                }
            }
        }
    }

    @Test
    void aBatchOfAThousandRowsCostsAThousand() throws Exception {
        Path batch = person("consumer", "batch");
        assertThat(ask(batch, first, DAY + 1)).isEqualTo(SPENT);
        assertThat(ask(batch, first, DAY)).isEmpty();
        assertThat(ask(batch, first, 1)).isEqualTo(SPENT);
        assertThat(ask(batch, second, 1)).isEqualTo(SPENT);
    }

    @Test
    void aNodeThatIsKilledAndStartedAgainForgetsNoBudget() throws Exception {
        Path patient = person("consumer", "patient");
        assertThat(ask(patient, first, 600)).isEmpty();
        first.kill();
        first = world.startNode(model, world.nodeData(0), Launch.plain());
        assertThat(ask(patient, first, 401)).isEqualTo(SPENT);
        assertThat(ask(patient, first, 400)).isEmpty();
        assertThat(ask(patient, second, 1)).isEqualTo(SPENT);
    }

    /** The last one: a lease of a vault in the past is over when it begins. */
    @Test
    @Order(Integer.MAX_VALUE)
    void aVaultThatIsKilledAndStartedWithAClockADayBehindGivesNoDay() throws Exception {
        Path traveller = person("consumer", "traveller");
        Path untouched = person("consumer", "untouched");
        assertThat(ask(traveller, first, DAY)).isEmpty();
        startLate();
        assertThat(askAnswered(untouched, second)).isEmpty();
        assertThat(askAnswered(traveller, second)).isEqualTo(SPENT);
        assertThat(askAnswered(traveller, first)).isEqualTo(SPENT);
    }

    /** The vault in place of the one before, at the same address. */
    private static void startLate() throws Exception {
        String address = world.vault().field("grpc");
        world.vault().kill();
        int colon = address.lastIndexOf(':');
        world.configureVault(
                "grpc: {host: %s, port: %s}"
                        .formatted(address.substring(0, colon), address.substring(colon + 1)));
        world.startVault(
                Launch.plain()
                        .withPrefix(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                LateVault.class.getName()));
    }

    /** As soon as the node has found the vault again. */
    private static String askAnswered(Path caller, Daemon node) throws Exception {
        return Eventually.first(() -> ask(caller, node, 1), reason -> !reason.equals(NO_WORD));
    }

    /** What an owner starts from, but for a consumer's day. */
    private static String shortDay() {
        String standard = OutputPolicy.standard().canonical();
        int partner = standard.indexOf("\"tier\":\"partner\"");
        return standard.substring(0, partner)
                + standard.substring(partner)
                        .replaceFirst("\"rowsPerDay\":\\d+", "\"rowsPerDay\":" + DAY);
    }

    private static Path person(String role, String name) {
        Path context = world.rest().resolve(name);
        String owner = world.acme().ownerId().hex();
        world.identity(role, name, context, "--tenant", "acme", "--owner-id", owner);
        return context;
    }

    private static String ask(Path caller, Daemon node, int rows) throws Exception {
        try (var open = Caller.of(caller, node.field("grpc"))) {
            return TinyQuestion.refusal(open, model, rows);
        }
    }
}
