package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.custody.pkcs11.BareToken;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Custodian;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.proto.v1.PauseRotationRequest;
import dev.strongroom.proto.v1.ResumeRotationRequest;
import dev.strongroom.proto.v1.RotateKekRequest;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A hundred thousand records: how near a rotation comes to what the module can do, and what it
 * costs those whom the vault serves meanwhile. Only ratios of one run count.
 */
@Tag("nightly")
class RotationBenchTest {
    private static final int RECORDS = Integer.getInteger("strongroom.bench.records", 100_000);
    private static final Duration LOOK = Duration.ofSeconds(3);
    private static final int PAIRS = 7;
    private static final int RELEASES = 400; // of one half of a pair
    private static final Duration CHALLENGES_LAST = Duration.ofMinutes(2); // and are counted
    private static final TenantName ACME = new TenantName("acme");

    @TempDir Path dir;
    private TestVault vault;
    private TestOwner owner;
    private Policies policies;
    private Sealed version;

    @BeforeEach
    void start() throws Exception {
        vault = new TestVault(dir);
        owner = vault.tenant("acme");
        policies = owner.setPolicies("bert");
        version = owner.seal("bert", new byte[] {1});
        owner.push(version);
        vault.stop();
        try (var custodian = custodian()) {
            fill(custodian);
        }
        vault.start();
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    private Pkcs11Custodian custodian() throws Exception {
        return Pkcs11Custodian.open(
                Custodians.of(TestVault.tokenConfig(vault.token)), vault.token.serial());
    }

    private byte[] record() throws Exception {
        return vault.bytes(
                "SELECT record FROM wrapped_key WHERE version_id = '" + version.id() + "'");
    }

    private void fill(Pkcs11Custodian custodian) throws Exception {
        WrappedKey.AtRest first = custodian.authenticate(record());
        KekInfo kek = custodian.keks(ACME).getLast();
        var random = new SecureRandom();
        try (Connection connection =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + vault.config.dataDir().resolve("vault.db"));
                var insert =
                        connection.prepareStatement(
                                "INSERT INTO wrapped_key (version_id, tenant, kek_version, record)"
                                        + " VALUES (?, 'acme', 1, ?)")) {
            connection.setAutoCommit(false);
            for (int i = 1; i < RECORDS; i++) {
                VersionId id = VersionId.random(random);
                insert.setString(1, id.hex());
                insert.setBytes(2, BareToken.copy(custodian, first, kek, id).encoded());
                insert.execute();
            }
            connection.commit();
        }
    }

    /** The best of one to eight threads. */
    private double ceiling() throws Exception {
        try (var custodian = custodian()) {
            WrappedKey.AtRest record = custodian.authenticate(record());
            var bare =
                    new BareToken(vault.token.module(), vault.token.label(), vault.token.serial());
            double best = 0;
            for (int threads : new int[] {1, 2, 4, 8}) {
                double rate =
                        bare.rewrapsPerSecond(
                                ACME, record.kekVersion(), record.wrapped(), threads, LOOK);
                System.out.printf("bare loop, %d thread(s): %.0f/s%n", threads, rate);
                best = Math.max(best, rate);
            }
            return best;
        }
    }

    @Test
    void theWholeTokenForAnIdleVault() throws Exception {
        vault.stop();
        double before = ceiling();
        vault.start();
        long begun = System.nanoTime();
        var _ = owner.keys().rotateKek(request(100));
        long moved = 0;
        while (moved == 0) {
            var rotation = owner.keys().getRotation(waiting(20)).getRotation();
            if (rotation.getRewrapped() >= RECORDS) {
                moved = System.nanoTime();
            }
            assertThat(rotation.getState()).isIn("running", "finished");
        }
        assertThat(owner.rotated().getState()).isEqualTo("finished");
        long finished = System.nanoTime();
        vault.stop();
        double after = ceiling();
        vault.start();
        double ceiling = (before + after) / 2;
        double rate = RECORDS / ((moved - begun) / 1e9);
        long batches =
                vault.count(
                        "SELECT count(*) FROM audit_leaf WHERE instr(leaf, 'kek.rewrapped') > 0");
        System.out.printf(
                "rotation of %d records: %.0f/s, the bare loop %.0f/s before and %.0f/s after: %.2f"
                        + " of it; %d batches, each one leaf; the look at every record took %.1f s"
                        + " after %.1f s%n",
                RECORDS,
                rate,
                before,
                after,
                rate / ceiling,
                batches,
                (finished - moved) / 1e9,
                (moved - begun) / 1e9);
        assertThat(batches).isEqualTo(Math.ceilDiv(RECORDS, vault.config.limits().rotationBatch()));
        assertThat(owner.keks().getLast().getWrappedRecords()).isEqualTo(RECORDS);
    }

    private static RotateKekRequest request(int share) {
        return RotateKekRequest.newBuilder().setTenant("acme").setSharePercent(share).build();
    }

    private static dev.strongroom.proto.v1.GetRotationRequest waiting(int millis) {
        return dev.strongroom.proto.v1.GetRotationRequest.newBuilder()
                .setTenant("acme")
                .setWaitMillis(millis)
                .build();
    }

    @Test
    void aFifthOfTheTokenWhileReleasesGoOn() {
        var _ = owner.keys().rotateKek(request(20));
        pause();
        var node = new TestNode(owner);
        releases(node, 4 * RELEASES); // warm
        List<Double> ratios = new ArrayList<>();
        for (int pair = 0; pair < PAIRS; pair++) {
            boolean quietFirst = pair % 2 == 0;
            double[] p99 = new double[2];
            for (int half = 0; half < 2; half++) {
                boolean rotating = quietFirst == (half == 1);
                if (rotating) {
                    resume();
                }
                p99[rotating ? 1 : 0] = releases(node, RELEASES);
                if (rotating) {
                    pause();
                }
            }
            System.out.printf(
                    "pair %d: p99 of a release %.2f ms alone, %.2f ms beside a rotation: %.2f%n",
                    pair + 1, p99[0], p99[1], p99[1] / p99[0]);
            ratios.add(p99[1] / p99[0]);
        }
        var rotation = owner.keys().getRotation(waiting(0)).getRotation();
        System.out.printf(
                "median of %d pairs: %.2f; %d records moved meanwhile at a fifth of the token,"
                        + " %d releases, none failed%n",
                PAIRS,
                ratios.stream().sorted().toList().get(PAIRS / 2),
                rotation.getRewrapped(),
                2 * PAIRS * RELEASES);
        assertThat(rotation.getState()).isEqualTo("paused");
        assertThat(rotation.getRewrapped()).isPositive();
    }

    /** The 99th percentile in milliseconds; a release that fails ends the test. */
    private double releases(TestNode node, int count) {
        double[] millis =
                IntStream.range(0, count)
                        .mapToDouble(i -> {
                            vault.clock.advance(CHALLENGES_LAST.dividedBy(100));
                            var request = node.request(version, policies);
                            long begun = System.nanoTime();
                            assertThat(node.ask(request).getWrappedKey()).isNotEmpty();
                            return (System.nanoTime() - begun) / 1e6;
                        })
                        .toArray();
        Arrays.sort(millis);
        return millis[(int) (count * 0.99)];
    }

    private void pause() {
        var _ =
                owner.keys()
                        .pauseRotation(PauseRotationRequest.newBuilder().setTenant("acme").build());
    }

    private void resume() {
        var _ =
                owner.keys()
                        .resumeRotation(
                                ResumeRotationRequest.newBuilder().setTenant("acme").build());
    }
}
