package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.proto.v1.GetKeyStatusRequest;
import dev.strongroom.proto.v1.GetKeyStatusResponse;
import dev.strongroom.proto.v1.GetKeyStatusResponse.Kek;
import dev.strongroom.proto.v1.KeysGrpc;
import dev.strongroom.proto.v1.RotateKekRequest;
import dev.strongroom.proto.v1.RotateKekResponse;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rotation of the key-encryption key, in the token and over gRPC. */
class RotationTest {
    @TempDir Path dir;
    private TestVault vault;
    private TestOwner owner;
    private Policies policies;

    @BeforeEach
    void start() throws Exception {
        vault = new TestVault(dir);
        owner = vault.tenant("acme");
        policies = owner.setPolicies("bert");
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    private List<RotateKekResponse> rotate() {
        var progress = new ArrayList<RotateKekResponse>();
        KeysGrpc.newBlockingStub(owner.channel())
                .rotateKek(RotateKekRequest.newBuilder().setTenant("acme").build())
                .forEachRemaining(progress::add);
        return progress;
    }

    private List<Kek> keks() {
        GetKeyStatusResponse status =
                KeysGrpc.newBlockingStub(owner.channel())
                        .getKeyStatus(GetKeyStatusRequest.newBuilder().setTenant("acme").build());
        return status.getKeksList();
    }

    @Test
    void movesEveryRecordAndRetiresTheOldKey() throws Exception {
        var versions = new ArrayList<Sealed>();
        for (int i = 0; i < 3; i++) {
            Sealed version = owner.seal("bert", new byte[i]);
            owner.push(version);
            versions.add(version);
        }
        List<RotateKekResponse> progress = rotate();
        RotateKekResponse last = progress.getLast();
        assertThat(last.getRetired()).isTrue();
        assertThat(last.getRewrapped()).isEqualTo(3);
        assertThat(keks().stream().map(Kek::getState)).containsExactly("retired", "active");
        assertThat(keks().stream().map(Kek::getWrappedRecords)).containsExactly(0L, 3L);
        var node = new TestNode(owner);
        for (Sealed version : versions) {
            assertThat(node.ask(node.request(version, policies)).getWrappedKey()).isNotEmpty();
        }
        // What is pushed now goes under the new key, and a second rotation moves it all again.
        assertThat(owner.push(owner.seal("bert", new byte[9])).getKekVersion()).isEqualTo(2);
        assertThat(rotate().getLast().getRewrapped()).isEqualTo(4);
        assertThat(keks().stream().map(Kek::getState))
                .containsExactly("retired", "retired", "active");
    }

    @Test
    void writesDownEachBatchWithEveryVersionInIt() throws Exception {
        Sealed version = owner.seal("bert", new byte[1]);
        owner.push(version);
        rotate();
        assertThat(
                        vault.count(
                                "SELECT count(*) FROM audit_leaf WHERE instr(leaf, 'kek.rewrapped')"
                                        + " > 0 AND instr(leaf, '"
                                        + version.id()
                                        + "') > 0"))
                .isEqualTo(1);
    }

    @Test
    void releasesWhileItRotates() {
        Sealed version = owner.seal("bert", new byte[1]);
        owner.push(version);
        for (int i = 0; i < 5; i++) {
            owner.push(owner.seal("bert", new byte[i]));
        }
        var node = new TestNode(owner);
        var done = new AtomicBoolean();
        CompletableFuture<Void> rotating =
                CompletableFuture.runAsync(() -> {
                    rotate();
                    rotate();
                    rotate();
                    done.set(true);
                });
        int released = 0;
        while (!done.get() && !rotating.isCompletedExceptionally()) {
            node.ask(node.request(version, policies));
            released++;
        }
        rotating.join();
        assertThat(released).isPositive();
    }

    @Test
    void commitsWhileItRotates() {
        CompletableFuture<Void> rotating =
                CompletableFuture.runAsync(() -> {
                    rotate();
                    rotate();
                    rotate();
                });
        for (int i = 0; i < 8; i++) {
            owner.push(owner.seal("bert", new byte[i]));
        }
        rotating.join();
        rotate();
        List<Kek> keks = keks();
        assertThat(keks.getLast().getWrappedRecords()).isEqualTo(8);
    }

    @Test
    void keepsTheOldKeyWhenARecordWasChanged() throws Exception {
        Sealed good = owner.seal("bert", new byte[1]);
        Sealed bad = owner.seal("bert", new byte[2]);
        owner.push(good);
        owner.push(bad);
        vault.sql(
                "UPDATE wrapped_key SET record = (SELECT record FROM wrapped_key WHERE version_id ="
                        + " '"
                        + good.id()
                        + "') WHERE version_id = '"
                        + bad.id()
                        + "'");
        Refusal.of(this::rotate).isFor(Reason.RECORD_NOT_AUTHENTIC);
        assertThat(keks().stream().map(Kek::getState)).containsExactly("retiring", "active");
        var node = new TestNode(owner);
        assertThat(node.ask(node.request(good, policies)).getWrappedKey()).isNotEmpty();
    }

    @Test
    void oneRotationAtATime() {
        for (int i = 0; i < 3; i++) {
            owner.push(owner.seal("bert", new byte[i]));
        }
        CompletableFuture<List<RotateKekResponse>> first =
                CompletableFuture.supplyAsync(this::rotate);
        CompletableFuture<List<RotateKekResponse>> second =
                CompletableFuture.supplyAsync(this::rotate);
        int failures = 0;
        for (var rotation : List.of(first, second)) {
            try {
                rotation.join();
            } catch (java.util.concurrent.CompletionException e) {
                failures++;
                Refusal.of(
                                () -> {
                                    throw (io.grpc.StatusRuntimeException) e.getCause();
                                })
                        .isFor(Reason.ROTATION_BUSY);
            }
        }
        assertThat(failures).isLessThan(2);
        assertThat(keks().getLast().getWrappedRecords()).isEqualTo(3);
    }
}
