package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.proto.v1.CommitVersionResponse;
import dev.strongroom.proto.v1.GetKeyStatusResponse.Kek;
import dev.strongroom.proto.v1.RotateImportKeyRequest;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.refusal.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The vault's process ends at every named point; nothing is lost and nothing is half there. */
class CrashTest {
    @TempDir static Path dir;
    private static TestVault vault;
    private static TestOwner owner;
    private static Policies policies;
    private static Sealed kept;
    private static final Set<Long> NUMBERS = new HashSet<>();

    @BeforeAll
    static void start() throws Exception {
        vault = TestVault.inItsOwnProcess(dir);
        owner = vault.tenant("acme");
        policies = owner.setPolicies("bert");
        kept = owner.seal("bert", TestOwner.weights(100));
        NUMBERS.add(owner.push(kept).getNumber());
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    private static void everythingKeptIsStillReleased() throws Exception {
        var node = new TestNode(owner);
        assertThat(ReleasedKey.isTheOwners(node, kept, policies)).isTrue();
    }

    @Tag("nightly")
    @ParameterizedTest
    @EnumSource(names = {"UPLOAD_CHUNK_WRITTEN", "OBJECT_DURABLE", "COMMIT_AUDITED"})
    void aPushGoesOnFromTheOtherPointsToo(FaultPoint point) throws Exception {
        aPushGoesOn(point);
    }

    @ParameterizedTest
    @EnumSource(names = "COMMIT_IN_TRANSACTION")
    void aPushGoesOn(FaultPoint point) throws Exception {
        Sealed version = owner.seal("bert", TestOwner.weights(3 << 20));
        vault.diesAt(point, () -> owner.push(version));
        assertThat(visible(version)).isFalse();
        CommitVersionResponse committed = owner.push(version);
        assertThat(NUMBERS.add(committed.getNumber())).as("number never given twice").isTrue();
        assertThat(visible(version)).isTrue();
        var node = new TestNode(owner);
        assertThat(ReleasedKey.isTheOwners(node, version, policies)).isTrue();
        everythingKeptIsStillReleased();
    }

    private static boolean visible(Sealed version) {
        return owner
                .models()
                .listModels(dev.strongroom.proto.v1.ListModelsRequest.getDefaultInstance())
                .getVersionsList()
                .stream()
                .anyMatch(listed -> listed.getVersionId().equals(version.idBytes()));
    }

    @Tag("nightly")
    @ParameterizedTest
    @EnumSource(names = {"KEK_CREATED", "BATCH_MADE", "BATCH_DURABLE", "BEFORE_RETIRE"})
    void aRotationGoesOnFromTheOtherPointsToo(FaultPoint point) throws Exception {
        aRotationGoesOnByItself(point);
    }

    @ParameterizedTest
    @EnumSource(names = {"BATCH_IN_TRANSACTION", "RETIRED_IN_TOKEN"})
    void aRotationGoesOnByItself(FaultPoint point) throws Exception {
        int before = active();
        vault.diesAt(point, () -> owner.rotate());
        assertThat(owner.rotated().getState()).isEqualTo("finished");
        assertThat(active()).as("no key was skipped or made twice").isEqualTo(before + 1);
        List<Kek> keks = owner.keks();
        assertThat(keks.subList(0, keks.size() - 1))
                .allMatch(kek -> kek.getState().equals("retired"))
                .allMatch(kek -> kek.getWrappedRecords() == 0);
        everythingKeptIsStillReleased();
    }

    private static int active() {
        return owner.keks().stream()
                .filter(kek -> kek.getState().equals("active"))
                .mapToInt(Kek::getVersion)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void anImportKeyThatWasAnnouncedIsMadeByTheNextCall() {
        var request = RotateImportKeyRequest.newBuilder().setTenant("acme").build();
        vault.diesAt(FaultPoint.IMPORT_KEY_AUDITED, () -> owner.keys().rotateImportKey(request));
        assertThat(owner.keys().rotateImportKey(request).getVersion()).isEqualTo(2);
        Sealed version = owner.seal("bert", TestOwner.weights(10));
        assertThat(NUMBERS.add(owner.push(version).getNumber())).isTrue();
    }

    @Test
    void aReleaseWithoutAnAnswerUsedItsNonceUp() throws Exception {
        var node = new TestNode(owner);
        var request = node.request(kept, policies);
        vault.diesAt(FaultPoint.RELEASE_AUDITED, () -> node.ask(node.request(kept, policies)));
        Refusal.of(() -> node.ask(request)).byRule("nonce.stale");
        everythingKeptIsStillReleased();
    }

    @Tag("nightly")
    @Test
    void aTenantIsFinishedFromTheOtherPointToo() {
        aTenantIsFinishedByTheSameCall("late", FaultPoint.TENANT_AUDITED);
    }

    @Test
    void aTenantIsFinishedByTheSameCall() {
        aTenantIsFinishedByTheSameCall("later", FaultPoint.KEK_CREATED);
    }

    private static void aTenantIsFinishedByTheSameCall(String name, FaultPoint point) {
        var root = TestIdentity.newKey();
        vault.diesAt(point, () -> vault.tenant(name, root));
        TestOwner late = vault.tenant(name, root);
        late.setPolicies("bert");
        assertThat(late.push(late.seal("bert", new byte[1])).getKekVersion()).isEqualTo(1);
    }

    @Test
    void aFullDiskStopsAPushAndLosesNothing() throws Exception {
        Sealed version = owner.seal("bert", TestOwner.weights(6 << 20));
        vault.restartChild(4096); // no file beyond 4 MiB
        Refusal.of(() -> owner.push(version)).isFor(Reason.DISK_FULL);
        everythingKeptIsStillReleased();
        vault.restartChild(0);
        assertThat(owner.begin(version).getFirst()).isPositive();
        assertThat(NUMBERS.add(owner.push(version).getNumber())).isTrue();
    }

    @Test
    void theSweepCollectsWhatNoRowNames() throws Exception {
        Path orphan = vault.config.dataDir().resolve("objects/acme/00/" + "0".repeat(64));
        Path torso = vault.config.dataDir().resolve("uploads/acme/" + "0".repeat(32) + "/0.part");
        for (Path file : List.of(orphan, torso)) {
            Files.createDirectories(file.getParent());
            Files.write(file, new byte[10]);
        }
        Sealed unfinished = owner.seal("bert", TestOwner.weights(100));
        owner.begin(unfinished);
        owner.upload(unfinished, 0, 0, 50);
        vault.restartChild(0);
        assertThat(orphan).doesNotExist();
        assertThat(torso.getParent()).doesNotExist();
        assertThat(owner.begin(unfinished)).containsExactly(50L);
        try (Stream<Path> files = Files.walk(vault.config.dataDir().resolve("objects"))) {
            assertThat(files.filter(Files::isRegularFile).count()).isPositive();
        }
    }
}
