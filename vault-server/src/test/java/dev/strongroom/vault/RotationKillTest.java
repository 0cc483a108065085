package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.proto.v1.GetKeyStatusResponse.Kek;
import dev.strongroom.proto.v1.RotateKekRequest;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.fault.FaultPoint;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sixty rotations that end by kill -9, half of them at named points, half at any moment. */
@Tag("nightly")
@Tag("keys")
class RotationKillTest {
    /** {@code -Dstrongroom.rotation.kills=N} is a shorter look; sixty are the promise. */
    private static final int KILLS = Integer.getInteger("strongroom.rotation.kills", 60);

    private static final int NAMED = KILLS / 2;
    private static final int RANDOM = KILLS - NAMED;
    private static final int VERSIONS = 24;
    private static final List<FaultPoint> POINTS =
            List.of(
                    FaultPoint.KEK_CREATED,
                    FaultPoint.BATCH_MADE,
                    FaultPoint.BATCH_IN_TRANSACTION,
                    FaultPoint.BATCH_DURABLE,
                    FaultPoint.BEFORE_RETIRE,
                    FaultPoint.RETIRED_IN_TOKEN);

    @TempDir Path dir;
    private TestVault vault;
    private TestOwner owner;
    private Policies policies;
    private final List<Sealed> versions = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        vault = TestVault.inItsOwnProcess(dir);
        Files.writeString(
                dir.resolve("vault.yaml"),
                "limits: {rotationBatch: 3}\n",
                StandardOpenOption.APPEND);
        vault.restartChild(0);
        owner = vault.tenant("acme");
        policies = owner.setPolicies("bert");
        for (int i = 0; i < VERSIONS; i++) {
            Sealed version = owner.seal("bert", new byte[i]);
            owner.push(version);
            versions.add(version);
        }
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    @Test
    void everyRecordOpensAfterSixtyKills() throws Exception {
        Map<FaultPoint, Integer> named = new EnumMap<>(FaultPoint.class);
        for (int i = 0; i < NAMED; i++) {
            FaultPoint point = POINTS.get(i % POINTS.size());
            int pass = point.name().startsWith("BATCH") ? 1 + i / POINTS.size() : 1;
            var child = vault.restartChild(0, "-Dstrongroom.fault=" + point + ":" + pass);
            rotate();
            assertThat(child.exitCode()).as(point + ":" + pass).isEqualTo(FaultPoint.HALT_CODE);
            named.merge(point, 1, Integer::sum);
            goesOnByItself();
        }
        long seed = System.nanoTime();
        var random = new Random(seed);
        int landed = 0;
        int inside = 0;
        int faster = 0;
        long usual = 300;
        while (landed < RANDOM) {
            var child = vault.restartChild(0);
            long begun = System.nanoTime();
            rotate();
            pause((long) (random.nextDouble() * usual));
            boolean running = isRunning();
            boolean writing = strike(child);
            if (running) {
                landed++;
                inside += writing ? 1 : 0;
            } else {
                faster++;
                usual = Math.max(20, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun) / 2);
            }
            goesOnByItself();
        }
        System.out.printf(
                "rotations killed: %d at named points %s, %d at random (seed %d), of these %d"
                        + " while the process held the database's write lock, so %d inside a"
                        + " transaction in all; %d rotations were faster than their kill. Every one"
                        + " of %d records opened with the owner's own key after each%n",
                NAMED,
                named,
                landed,
                seed,
                inside,
                inside + named.getOrDefault(FaultPoint.BATCH_IN_TRANSACTION, 0),
                faster,
                VERSIONS);
    }

    private void rotate() {
        try {
            var _ = owner.keys().rotateKek(RotateKekRequest.newBuilder().setTenant("acme").build());
        } catch (StatusRuntimeException e) {
            // it ended before it could answer
        }
    }

    private boolean isRunning() {
        try {
            return owner.keys()
                    .getRotation(
                            dev.strongroom.proto.v1.GetRotationRequest.newBuilder()
                                    .setTenant("acme")
                                    .build())
                    .getRotation()
                    .getState()
                    .equals("running");
        } catch (StatusRuntimeException e) {
            throw new AssertionError("the vault ended by itself", e);
        }
    }

    private static void pause(long millis) throws InterruptedException {
        var _ = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
    }

    /** Stops the process, looks whether it holds the write lock, and kills it. */
    private boolean strike(RunningVault.Child child) throws IOException, InterruptedException {
        signal(child, "STOP");
        boolean writing = isLocked();
        signal(child, "KILL");
        child.exitCode();
        return writing;
    }

    private static void signal(RunningVault.Child child, String name)
            throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(child.pid())).start().waitFor();
    }

    private boolean isLocked() {
        try (Connection connection =
                DriverManager.getConnection(
                        "jdbc:sqlite:"
                                + vault.config.dataDir().resolve("vault.db")
                                + "?busy_timeout=0")) {
            connection.createStatement().execute("BEGIN IMMEDIATE");
            connection.createStatement().execute("ROLLBACK");
            return false;
        } catch (SQLException e) {
            return true;
        }
    }

    /** Nobody asks for it: the vault starts and the rotation ends. */
    private void goesOnByItself() throws Exception {
        vault.restartChild(0);
        assertThat(owner.rotated().getState()).isEqualTo("finished");
        List<Kek> keks = owner.keks();
        assertThat(keks.getLast().getState()).isEqualTo("active");
        assertThat(keks.getLast().getWrappedRecords()).isEqualTo(VERSIONS);
        assertThat(keks.subList(0, keks.size() - 1))
                .allMatch(kek -> kek.getState().equals("retired"))
                .allMatch(kek -> kek.getWrappedRecords() == 0);
        assertThat(vault.count("SELECT count(*) FROM wrapped_key")).isEqualTo(VERSIONS);
        assertThat(vault.count("SELECT count(*) FROM rotation WHERE state <> 'finished'")).isZero();
        var node = new TestNode(owner);
        for (Sealed version : versions) {
            assertThat(ReleasedKey.isTheOwners(node, version, policies)).isTrue();
        }
    }
}
