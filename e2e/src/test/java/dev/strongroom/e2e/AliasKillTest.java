package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.testkit.Eventually;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Vault and node are killed while an alias moves; a version under it is revoked. */
@Tag("nightly")
class AliasKillTest {
    private static final Duration TWO_LOOKS = Duration.ofMinutes(2); // of the watch
    private static final List<Long> SEEDS = List.of(201L, 202L);
    private static final int KILLS = 8;
    private static final long SEED = 20261123;

    private Deployment world;
    private ModelName model;
    private Path data;

    @BeforeEach
    void push() throws Exception {
        world = Deployment.withoutModel();
        model = world.acme().model("killed");
        world.permit(model);
        for (long seed : SEEDS) {
            world.push(model, TinyModel.write(world.owner().resolve("k" + seed + ".onnx"), seed));
        }
        alias("1").succeeded();
        data = world.nodeData(0);
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    /** An answered move is durable; one without an answer happened as a whole or not at all. */
    @Test
    void aVaultThatIsKilledForgetsNoMoveAndMakesNone() throws Exception {
        var random = new Random(SEED);
        int inside = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            var answered = new Answered(state());
            var stop = new AtomicBoolean();
            var moving = CompletableFuture.runAsync(() -> moveUntil(stop, answered));
            awaitAnother(answered);
            long moment = System.nanoTime() + random.nextLong(200_000_000);
            while (System.nanoTime() < moment) {
                Thread.onSpinWait();
            }
            var place = SuddenDeath.strike(world.vault(), world.vaultData().resolve("vault.db"));
            inside += place == SuddenDeath.Place.INSIDE_A_TRANSACTION ? 1 : 0;
            stop.set(true);
            moving.join();
            world.startVault(Launch.plain());
            State now = state();
            State last = answered.last();
            assertThat(now.seq()).isBetween(last.seq(), last.seq() + 1);
            if (now.seq() == last.seq()) {
                assertThat(now.version()).isEqualTo(last.version());
            }
            assertThat(moves()).as("records of moves").isEqualTo(now.seq());
        }
        System.out.printf("alias kills: %d, inside a transaction: %d%n", KILLS, inside);
    }

    @Test
    void aNodeThatIsKilledWhileItGoesOverComesBackWithWhatTheAliasMeans() throws Exception {
        var random = new Random(SEED);
        for (int kill = 0; kill < KILLS; kill++) {
            var node = world.startNode(aliased(), data, Launch.plain());
            long to = kill % 2 == 0 ? 2 : 1;
            alias(Long.toString(to)).succeeded();
            long moment = System.nanoTime() + random.nextLong(500_000_000);
            while (System.nanoTime() < moment) {
                Thread.onSpinWait();
            }
            node.kill();
            try (var again = world.startNode(aliased(), data, Launch.plain());
                    var caller = Caller.of(world.acme().consumer(), again.field("grpc"))) {
                assertThat(answered(caller)).isEqualTo(SEEDS.get((int) to - 1));
            }
        }
    }

    /** The wrong order: the vault's stream is over when the owner moves the alias. */
    @Test
    void aNodeWhoseVersionWasRevokedGoesOverToTheNextWithoutARestart() throws Exception {
        try (var node = world.startNode(aliased(), data, Launch.plain());
                var caller = Caller.of(world.acme().consumer(), node.field("grpc"))) {
            assertThat(answered(caller)).isEqualTo(SEEDS.getFirst());
            world.command(world.operator(), "revoke", "version", model + ":1", "--reason", "a test")
                    .succeeded();
            alias("2").succeeded();
            Eventually.holds(TWO_LOOKS, () -> answers(caller, SEEDS.getLast()));
        }
    }

    private boolean answers(Caller caller, long seed) {
        try {
            return answered(caller) == seed;
        } catch (StatusRuntimeException revoked) {
            return false;
        }
    }

    private long answered(Caller caller) {
        return TinyQuestion.seedOf(TinyQuestion.ask(caller.channel(), model, "production"), SEEDS);
    }

    private String aliased() {
        return "model: " + model + "@production";
    }

    private record State(long seq, long version) {}

    /** The last move that the vault answered. */
    private static final class Answered {
        private volatile State last;

        Answered(State first) {
            this.last = first;
        }

        State last() {
            return last;
        }

        void become(State next) {
            last = next;
        }
    }

    private void moveUntil(AtomicBoolean stop, Answered answered) {
        while (!stop.get()) {
            long to = 3 - answered.last().version();
            Outcome moved = alias(Long.toString(to));
            if (moved.exit() != 0) {
                return; // the vault was killed
            }
            answered.become(new State(moved.json().path("seq").asLong(), to));
        }
    }

    private static void awaitAnother(Answered answered) throws Exception {
        State before = answered.last();
        Eventually.holds(() -> !answered.last().equals(before));
    }

    private State state() {
        JsonNode only =
                world.command(
                                world.acme().owner(),
                                "model",
                                "alias",
                                "list",
                                model.toString(),
                                "-o",
                                "json")
                        .succeeded()
                        .json()
                        .path("aliases")
                        .path(0);
        return new State(only.path("seq").asLong(), only.path("version").asLong());
    }

    private long moves() {
        String log =
                world.command(world.auditor(), "audit", "list", "-o", "json").succeeded().out();
        return log.split("alias.moved", -1).length - 1L;
    }

    private Outcome alias(String version) {
        List<String> words = new ArrayList<>(List.of("model", "alias", "set"));
        words.addAll(List.of(model + "@production", version, "-o", "json"));
        return world.command(world.acme().owner(), words.toArray(String[]::new));
    }
}
