package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.sim.demo.Daemon;
import dev.strongroom.testkit.Eventually;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a node's guard holds against callers outlives the node; where it is lost, all are strangers.
 */
@Tag("nightly")
class GuardMemoryTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String STANDARD = OutputPolicy.standard().canonical();
    private static final float[] DOUBTFUL = {1.2f, 0.5f, 0}; // 0.75, 0.18, 0.07

    private Deployment world;
    private ModelName model;
    private Path eve;
    private Path bob;

    @BeforeEach
    void serve() throws Exception {
        world = Deployment.withoutModel();
        model = world.acme().model("classes");
        WatchedClassifier.push(world, model, STANDARD);
        eve = world.acme().consumer();
        bob = person("bob");
    }

    private Path person(String name) throws Exception {
        Path context = world.rest().resolve(name);
        String owner = world.acme().ownerId().hex();
        world.identity("consumer", name, context, "--tenant", "acme", "--owner-id", owner);
        return context;
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    @Test
    void aFlagOutlivesAKilledNodeAndALostStateTrustsNobody() throws Exception {
        Daemon node = start();
        try (var thief = Caller.of(eve, node.field("grpc"))) {
            for (int asked = 0; asked < 30; asked++) {
                var _ = WatchedClassifier.ask(thief, model, WatchedClassifier.foreign(asked));
            }
            assertThat(WatchedClassifier.ask(thief, model, DOUBTFUL)).containsExactly(1, 0, 0);
        }
        assertThat(asked(bob, node)).doesNotContain(0, 1);
        long known = saved();
        Eventually.holds(PATIENCE, () -> saved() > known);

        node.kill();
        node = start();
        assertThat(asked(eve, node)).as("flagged before").containsExactly(1, 0, 0);
        assertThat(asked(bob, node)).doesNotContain(0, 1);

        node.kill();
        change("DELETE FROM guard_state");
        Daemon forgetful = start();
        assertThat(asked(bob, forgetful)).as("as a stranger").containsExactly(0.7f, 0, 0);
        assertThat(asked(eve, forgetful)).containsExactly(0.7f, 0, 0);

        world.permitAnswers(model, STANDARD.replace("\"idleSeconds\":300", "\"idleSeconds\":301"));
        forgetful.kill();
        Daemon trusting = start();
        assertThat(asked(bob, trusting)).doesNotContain(0, 1);
    }

    private Daemon start() throws Exception {
        return world.startNode(model, world.nodeData(0), Launch.plain());
    }

    private float[] asked(Path caller, Daemon node) throws Exception {
        try (var open = Caller.of(caller, node.field("grpc"))) {
            return WatchedClassifier.ask(open, model, DOUBTFUL);
        }
    }

    /** The number of the state that the vault has; none is 0. */
    private long saved() throws SQLException {
        try (Connection database = database();
                var statement = database.createStatement();
                var row = statement.executeQuery("SELECT max(seq) FROM guard_state")) {
            return row.getLong(1);
        }
    }

    private void change(String sql) throws SQLException {
        try (Connection database = database();
                var statement = database.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 10000");
            assertThat(statement.executeUpdate(sql)).isPositive();
        }
    }

    private Connection database() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + world.vaultData().resolve("vault.db"));
    }
}
