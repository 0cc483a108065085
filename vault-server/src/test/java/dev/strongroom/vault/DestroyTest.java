package dev.strongroom.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.KekDestruction;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.Backup;
import dev.strongroom.proto.v1.CreateBackupRequest;
import dev.strongroom.proto.v1.DestroyKekRequest;
import dev.strongroom.proto.v1.DestroyKekResponse;
import dev.strongroom.proto.v1.GetKeyStatusResponse.Kek;
import dev.strongroom.proto.v1.ListBackupsRequest;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SignatureException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Destroying a retired key: after a wait, unneeded by anything, wanted by more than one person. */
class DestroyTest {
    private static final Duration WAIT = VaultConfig.Limits.DEFAULT.destroyAfter();
    private static final TestApprovals APPROVALS = new TestApprovals();

    @TempDir static Path dir;
    private static TestVault vault;
    private static int tenants;
    private TestOwner owner;
    private Sealed version;

    @BeforeAll
    static void start() throws Exception {
        vault = new TestVault(dir, Optional.of(APPROVALS.roster()));
        // Waits pass on the vault's clock; its server certificate, of 30 days, must be good on the
        // system's as well. There are four waits.
        vault.clock.advance(WAIT.multipliedBy(-4).minusDays(1));
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    @BeforeEach
    void newTenantWithARetiredKey() {
        owner = vault.tenant("acme-" + ++tenants);
        owner.setPolicies("bert");
        version = owner.seal("bert", new byte[] {1});
        owner.push(version);
        assertThat(owner.rotate().getState()).isEqualTo("finished");
    }

    private DestroyKekResponse dryRun(int kek) {
        return owner.keys().planDestroyKek(request(kek).build());
    }

    private DestroyKekResponse destroy() {
        return owner.keys().destroyKek(request(1).setConfirm(owner.tenant + "/1").build());
    }

    private DestroyKekRequest.Builder request(int kek) {
        return DestroyKekRequest.newBuilder().setTenant(owner.tenant).setVersion(kek);
    }

    private String state() {
        return owner.keks().getFirst().getState();
    }

    private void approve() throws SignatureException {
        String keyId = owner.keks().getFirst().getKeyId();
        var document = new KekDestruction(new TenantName(owner.tenant), 1, keyId);
        APPROVALS.agree(vault, Change.of(document), document.encode());
    }

    private Backup backup() {
        return AdminGrpc.newBlockingStub(vault.connected(vault.operator))
                .createBackup(CreateBackupRequest.getDefaultInstance())
                .getBackup();
    }

    @Test
    void takesAWaitTwoPeopleAndTheNameTypedBack() throws Exception {
        approve();
        assertThat(dryRun(1).getObstaclesList()).singleElement().asString().contains("until");
        Refusal.of(this::destroy).isFor(Reason.KEK_IN_USE);
        vault.clock.advance(WAIT);
        assertThat(dryRun(1).getObstaclesList()).isEmpty();
        Refusal.of(this::destroy).isFor(Reason.APPROVAL_MISSING); // the hour is over
        approve();
        Refusal.of(() ->
                        owner.keys().destroyKek(request(1).setConfirm(owner.tenant + "/2").build()))
                .isFor(Reason.REQUEST_MALFORMED);
        assertThat(state()).isEqualTo("retired");

        assertThat(destroy().getState()).isEqualTo("destroyed");

        assertThat(state()).isEqualTo("destroyed");
        assertThat(destroy().getState()).isEqualTo("destroyed");
        Refusal.of(() ->
                        owner.keys().destroyKek(request(2).setConfirm(owner.tenant + "/2").build()))
                .isFor(Reason.KEK_IN_USE);
        // It is remembered for ever: its number is not given again, a restart takes it as it is.
        vault.restart();
        assertThat(owner.rotate().getToVersion()).isEqualTo(3);
        assertThat(owner.keks().stream().map(Kek::getState))
                .containsExactly("destroyed", "retired", "active");
    }

    @Test
    void needsARoomWithoutTheKeyInAnyBackup() throws Exception {
        byte[] old = vault.bytes(recordOf(version));
        Backup without = backup();
        assertThat(without.getKeksList()).contains(owner.tenant + "/2");
        vault.sql(
                "UPDATE wrapped_key SET kek_version = 1 WHERE version_id = '" + version.id() + "'");
        Backup with = backup();
        vault.sql(
                "UPDATE wrapped_key SET kek_version = 2 WHERE version_id = '" + version.id() + "'");
        assertThat(vault.bytes(recordOf(version))).isEqualTo(old);
        vault.clock.advance(WAIT);
        approve();
        assertThat(dryRun(1).getObstaclesList())
                .singleElement()
                .asString()
                .contains(with.getName());
        Refusal.of(this::destroy).isFor(Reason.KEK_IN_USE);
        Path damaged = vault.config.dataDir().resolve("backups/" + without.getName());
        Files.writeString(damaged, "not what was written");
        assertThat(dryRun(1).getObstaclesList()).hasSize(2);
        vault.sql("UPDATE backup SET name = 'hidden-' || name"); // the log names them all the same
        assertThat(dryRun(1).getObstaclesList()).hasSize(2);
        vault.sql("UPDATE backup SET name = substr(name, 8)");
        for (int i = 0; i < vault.config.limits().backups(); i++) {
            backup();
        }
        assertThat(damaged).doesNotExist();
        assertThat(
                        AdminGrpc.newBlockingStub(vault.connected(vault.operator))
                                .listBackups(ListBackupsRequest.getDefaultInstance())
                                .getBackupsCount())
                .isEqualTo(vault.config.limits().backups());
        assertThat(destroy().getState()).isEqualTo("destroyed");
    }

    @Test
    void backupNeedsTheKeyWhateverItsRowsSay() throws Exception {
        Sealed another = owner.seal("bert", "another".getBytes(UTF_8));
        owner.push(another);
        byte[] underTwo = vault.bytes(recordOf(another));
        assertThat(owner.rotate().getToVersion()).isEqualTo(3);
        byte[] underThree = vault.bytes(recordOf(another));
        vault.sql(put(underTwo, another)); // its row goes on saying 3
        Backup lying = backup();
        assertThat(lying.getKeksList()).doesNotContain(owner.tenant + "/2");
        vault.sql(put(underThree, another));
        vault.clock.advance(WAIT);
        assertThat(dryRun(2).getObstaclesList())
                .singleElement()
                .asString()
                .contains(lying.getName());
    }

    private static String put(byte[] record, Sealed version) {
        return "UPDATE wrapped_key SET record = x'"
                + HexFormat.of().formatHex(record)
                + "' WHERE version_id = '"
                + version.id()
                + "'";
    }

    private static String recordOf(Sealed version) {
        return "SELECT record FROM wrapped_key WHERE version_id = '" + version.id() + "'";
    }

    @Test
    void isNotFooledByRowsThatHideARecordOrTheTime() throws Exception {
        Sealed hidden = owner.seal("bert", new byte[] {2});
        owner.push(hidden);
        byte[] underTwo = vault.bytes(recordOf(hidden));
        assertThat(owner.rotate().getState()).isEqualTo("finished"); // 2 is retired
        vault.sql(
                "UPDATE wrapped_key SET record = x'"
                        + HexFormat.of().formatHex(underTwo)
                        + "' WHERE version_id = '"
                        + hidden.id()
                        + "'");
        vault.clock.advance(WAIT);
        assertThat(dryRun(2).getObstaclesList()).singleElement().asString().contains("1 record");
        // A leaf that says something else does not make the wait shorter.
        vault.sql("UPDATE kek_end SET retired_leaf = 0 WHERE version = 1");
        Refusal.of(() -> dryRun(1)).isFor(Reason.RECORD_NOT_AUTHENTIC);
    }

    @Test
    void refusesADatabaseFromBeforeTheDestruction() throws Exception {
        Path database = vault.config.dataDir().resolve("vault.db");
        vault.stop();
        Path old = Files.copy(database, dir.resolve("old-" + owner.tenant + ".db"));
        vault.start();
        vault.clock.advance(WAIT);
        approve();
        destroy();
        vault.stop();
        Path now = Files.copy(database, dir.resolve("now-" + owner.tenant + ".db"));
        Files.copy(old, database, StandardCopyOption.REPLACE_EXISTING);
        assertThat(catchThrowable(vault::start))
                .hasMessageContaining("the token lacks key-encryption key 1 of tenant");
        Files.copy(now, database, StandardCopyOption.REPLACE_EXISTING);
        vault.start();
        assertThat(state()).isEqualTo("destroyed");
    }
}
