package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.proto.v1.DestroyKekRequest;
import dev.strongroom.proto.v1.GetKeyStatusResponse.Kek;
import dev.strongroom.proto.v1.RotateKekRequest;
import dev.strongroom.proto.v1.Rotation;
import dev.strongroom.testkit.Eventually;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rotation of the key-encryption key, in the token and over gRPC. */
class RotationTest {
    private static final int LOOKS_A_MINUTE = 30;

    @TempDir static Path dir;
    @AutoClose private static TestVault vault;
    private static int tenants;
    private TestOwner owner;
    private Policies policies;

    @BeforeAll
    static void start() throws Exception {
        vault = new TestVault(dir);
    }

    @BeforeEach
    void newTenant() {
        owner = vault.tenant("acme-" + ++tenants);
        policies = owner.setPolicies("bert");
    }

    private List<String> states() {
        return owner.keks().stream().map(Kek::getState).toList();
    }

    private List<Sealed> push(int versions) {
        var pushed = new ArrayList<Sealed>();
        for (int i = 0; i < versions; i++) {
            Sealed version = owner.seal("bert", new byte[i]);
            owner.push(version);
            pushed.add(version);
        }
        return pushed;
    }

    /** False for a rotation that was over first. */
    private boolean pausedOnItsWay() {
        owner.rotateSlowly();
        try {
            Rotation rotation = owner.keys().pauseRotation(owner.pausing()).getRotation();
            return rotation.getState().equals("paused");
        } catch (StatusRuntimeException over) {
            assertThat(over.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
            return false;
        }
    }

    private Rotation resume(int share) {
        return owner.keys().resumeRotation(owner.resuming(share)).getRotation();
    }

    @Test
    void movesEveryRecordAndRetiresTheOldKey() throws Exception {
        List<Sealed> versions = push(3);
        Rotation done = owner.rotate();
        assertThat(done.getState()).isEqualTo("finished");
        assertThat(done.getRewrapped()).isEqualTo(3);
        assertThat(states()).containsExactly("retired", "active");
        assertThat(owner.keks().stream().map(Kek::getWrappedRecords)).containsExactly(0L, 3L);
        var node = new TestNode(owner);
        for (Sealed version : versions) {
            assertThat(ReleasedKey.isTheOwners(node, version, policies)).isTrue();
        }
        // What is pushed now goes under the new key, and a second rotation moves it all again.
        assertThat(owner.push(owner.seal("bert", new byte[9])).getKekVersion()).isEqualTo(2);
        assertThat(owner.rotate().getRewrapped()).isEqualTo(4);
        assertThat(states()).containsExactly("retired", "retired", "active");
    }

    @Test
    void writesDownEachBatchWithEveryVersionInIt() throws Exception {
        Sealed version = push(1).getFirst();
        owner.rotate();
        assertThat(
                        vault.count(
                                "SELECT count(*) FROM audit_leaf WHERE instr(leaf, 'kek.rewrapped')"
                                        + " > 0 AND instr(leaf, '"
                                        + version.id()
                                        + "') > 0"))
                .isEqualTo(1);
    }

    @Test
    void recordsOfPushesAreProvenTogetherBySixteen() throws Exception {
        List<Sealed> versions = push(17);
        assertThat(macs(versions.subList(0, 16))).hasSize(1);
        assertThat(macs(versions)).hasSize(2);
        var node = new TestNode(owner);
        for (Sealed version : versions) {
            assertThat(ReleasedKey.isTheOwners(node, version, policies)).isTrue();
        }
        assertThat(owner.rotate().getRewrapped()).isEqualTo(17);
    }

    @Test
    void aChangedRecordIsNotProvenWithTheOthers() throws Exception {
        List<Sealed> versions = push(15);
        byte[] good = record(versions.getFirst());
        byte[] changed = good.clone();
        changed[changed.length / 2] ^= 1;
        restore(versions.getFirst(), changed);
        push(1);
        assertThat(record(versions.getFirst())).isEqualTo(changed);
        assertThat(macs(versions)).hasSize(2);
        assertThat(owner.rotate().getFailure()).isEqualTo(Reason.RECORD_NOT_AUTHENTIC.name());
        assertThat(states()).containsExactly("retiring", "active");
        restore(versions.getFirst(), good); // what was proven alone still counts
        assertThat(owner.rotate().getState()).isEqualTo("finished");
    }

    /** What comes after a commit fails; the push has not. */
    @Test
    void aPushIsNotRefusedWhenItsRecordCannotBeProvenWithTheOthers() throws Exception {
        push(15);
        vault.sql(
                "CREATE TRIGGER full BEFORE UPDATE ON wrapped_key WHEN OLD.tenant = '%s'"
                                .formatted(owner.tenant)
                        + " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END");
        Sealed sixteenth;
        try {
            sixteenth = push(1).getFirst();
        } finally {
            vault.sql("DROP TRIGGER full");
        }
        var node = new TestNode(owner);
        assertThat(ReleasedKey.isTheOwners(node, sixteenth, policies)).isTrue();
        assertThat(owner.rotate().getRewrapped()).isEqualTo(16);
    }

    private Set<String> macs(List<Sealed> versions) throws Exception {
        var macs = new HashSet<String>();
        for (Sealed version : versions) {
            macs.add(mac(record(version)));
        }
        return macs;
    }

    private static String mac(byte[] record) {
        return HexFormat.of().formatHex(record, record.length - 32, record.length);
    }

    @Test
    void aTenantHasSoManyLooksAtWhatNeedsAKeyAMinute() {
        DestroyKekRequest look =
                DestroyKekRequest.newBuilder().setTenant(owner.tenant).setVersion(1).build();
        for (int i = 0; i < LOOKS_A_MINUTE; i++) {
            assertThat(owner.keys().planDestroyKek(look).getState()).isEqualTo("active");
        }
        Refusal.of(() -> owner.keys().planDestroyKek(look)).isFor(Reason.TOO_MANY_REQUESTS);
        DestroyKekRequest forGood = look.toBuilder().setConfirm(owner.tenant + "/1").build();
        Refusal.of(() -> owner.keys().destroyKek(forGood)).isFor(Reason.TOO_MANY_REQUESTS);
        TestOwner other = vault.tenant("other-" + tenants);
        DestroyKekRequest others = look.toBuilder().setTenant(other.tenant).build();
        assertThat(other.keys().planDestroyKek(others).getState()).isEqualTo("active");
        vault.clock.advance(Duration.ofMinutes(1));
        assertThat(owner.keys().planDestroyKek(look).getState()).isEqualTo("active");
    }

    @Test
    void saysWhatItWouldDo() {
        push(2);
        Rotation plan =
                owner.keys()
                        .planRotateKek(
                                RotateKekRequest.newBuilder().setTenant(owner.tenant).build())
                        .getRotation();
        assertThat(plan.getState()).isEqualTo("planned");
        assertThat(plan.getTotal()).isEqualTo(2);
        assertThat(plan.getToVersion()).isEqualTo(2);
        assertThat(states()).containsExactly("active");
    }

    @Test
    void releasesWhileItRotates() {
        push(6);
        Sealed version = owner.seal("bert", new byte[1]);
        owner.push(version);
        var node = new TestNode(owner);
        var enough = new AtomicBoolean();
        CompletableFuture<Void> rotating =
                CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 3 || !enough.get(); i++) {
                        assertThat(owner.rotate().getState()).isEqualTo("finished");
                    }
                });
        try {
            for (int i = 0; i < 10; i++) {
                node.ask(node.request(version, policies));
            }
        } finally {
            enough.set(true);
            rotating.join();
        }
    }

    @Test
    void commitsWhileItRotates() {
        CompletableFuture<Void> rotating =
                CompletableFuture.runAsync(() -> {
                    owner.rotate();
                    owner.rotate();
                    owner.rotate();
                });
        push(8);
        rotating.join();
        owner.rotate();
        assertThat(owner.keks().getLast().getWrappedRecords()).isEqualTo(8);
    }

    @Test
    void staysPausedOverARestartAndGoesOnWhenResumed() throws Exception {
        push(20);
        Eventually.holds(this::pausedOnItsWay);
        Refusal.of(() -> owner.rotate()).isFor(Reason.ROTATION_PAUSED);
        int newest = owner.keks().size();
        Refusal.of(() -> retire(newest)).isFor(Reason.KEK_IN_USE);
        vault.restart();
        assertThat(owner.rotated().getState()).isEqualTo("paused");
        assertThat(resume(100).getSharePercent()).isEqualTo(100);
        assertThat(owner.rotated().getState()).isEqualTo("finished");
        assertThat(owner.keks().getLast().getWrappedRecords()).isEqualTo(20);
        Refusal.of(() -> resume(0)).isFor(Reason.ROTATION_NOT_FOUND);
    }

    @Test
    void goesOnByItselfAfterARestart() throws Exception {
        push(4);
        owner.rotateSlowly();
        vault.restart();
        assertThat(owner.rotated().getState()).isEqualTo("finished");
        assertThat(states()).containsExactly("retired", "active");
    }

    @Test
    void keepsTheOldKeyWhenARecordWasChanged() throws Exception {
        List<Sealed> pushed = push(2);
        byte[] good = record(pushed.get(1));
        vault.sql(
                "UPDATE wrapped_key SET record = (SELECT record FROM wrapped_key WHERE version_id ="
                        + " '"
                        + pushed.get(0).id()
                        + "') WHERE version_id = '"
                        + pushed.get(1).id()
                        + "'");
        Rotation failed = owner.rotate();
        assertThat(failed.getState()).isEqualTo("failed");
        assertThat(failed.getFailure()).isEqualTo(Reason.RECORD_NOT_AUTHENTIC.name());
        assertThat(states()).containsExactly("retiring", "active");
        Refusal.of(() -> retire(1)).isFor(Reason.KEK_IN_USE);
        var node = new TestNode(owner);
        assertThat(ReleasedKey.isTheOwners(node, pushed.get(0), policies)).isTrue();
        restore(pushed.get(1), good);
        assertThat(owner.rotate().getState()).isEqualTo("finished");
        assertThat(ReleasedKey.isTheOwners(node, pushed.get(1), policies)).isTrue();
    }

    /** The column that finds records says nothing is left; the record itself says otherwise. */
    @Test
    void isNotFooledByTheColumnThatFindsRecords() throws Exception {
        List<Sealed> pushed = push(3);
        byte[] old = record(pushed.get(2));
        vault.sql(
                "UPDATE wrapped_key SET kek_version = 2 WHERE version_id = '"
                        + pushed.get(2).id()
                        + "'");
        Rotation failed = owner.rotate();
        assertThat(failed.getState()).isEqualTo("failed");
        assertThat(failed.getFailure()).isEqualTo(Reason.RECORD_NOT_AUTHENTIC.name());
        Refusal.of(() -> retire(1)).isFor(Reason.KEK_IN_USE);
        assertThat(record(pushed.get(2))).isEqualTo(old);
        assertThat(states()).containsExactly("retiring", "active");
    }

    private void retire(int version) {
        var _ = owner.keys().retireKek(owner.retiring(version));
    }

    private byte[] record(Sealed version) throws Exception {
        return vault.bytes(
                "SELECT record FROM wrapped_key WHERE version_id = '" + version.id() + "'");
    }

    private void restore(Sealed version, byte[] record) throws Exception {
        vault.sql(
                "UPDATE wrapped_key SET record = x'"
                        + HexFormat.of().formatHex(record)
                        + "' WHERE version_id = '"
                        + version.id()
                        + "'");
    }

    @Test
    void oneRotationAtATime() {
        push(3);
        CompletableFuture<Rotation> first = CompletableFuture.supplyAsync(owner::rotate);
        CompletableFuture<Rotation> second = CompletableFuture.supplyAsync(owner::rotate);
        assertThat(first.join().getState()).isEqualTo("finished");
        assertThat(second.join().getState()).isEqualTo("finished");
        assertThat(owner.keks().getLast().getWrappedRecords()).isEqualTo(3);
    }

    @Test
    void keepsToItsShareOfTheToken() {
        push(12);
        Rotation whole = owner.rotate();
        assertThat(whole.getSharePercent()).isEqualTo(100);
        long begun = System.nanoTime();
        owner.rotateSlowly();
        assertThat(owner.rotated().getState()).isEqualTo("finished");
        // 12 re-wraps of some 60 us and three MACs of some 20, at one percent: 80 ms, or somewhat
        // less with a faster token.
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .isGreaterThan(Duration.ofMillis(20));
    }
}
