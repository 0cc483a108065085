package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.proto.v1.AuditGrpc;
import dev.strongroom.proto.v1.GetConsistencyProofRequest;
import dev.strongroom.testkit.SoftwareChip;
import dev.strongroom.testkit.softhsm.SoftHsm;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a vault refuses to start on, with the exit code that says why. */
class StartTest {
    @TempDir private Path dir;
    private TestVault vault;

    @BeforeEach
    void make() throws Exception {
        vault = new TestVault(dir);
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    private StartupException refusal(VaultConfig config, TrustAnchors anchors) {
        return catchThrowableOfType(
                StartupException.class, () -> Vault.start(config, anchors, vault.clock).close());
    }

    private StartupException refusal() {
        return refusal(vault.config, vault.anchors());
    }

    @Test
    void keepsWhatItHeldOverARestart() throws Exception {
        TestOwner owner = vault.tenant("acme");
        Policies policies = owner.setPolicies("bert");
        Sealed version = owner.seal("bert", TestOwner.weights(50));
        owner.push(version);
        vault.restart();
        var node = new TestNode(owner);
        assertThat(ReleasedKey.isTheOwners(node, version, policies)).isTrue();
    }

    @Test
    void forgetsNoncesOverARestart() throws Exception {
        TestOwner owner = vault.tenant("acme");
        Policies policies = owner.setPolicies("bert");
        Sealed version = owner.seal("bert", TestOwner.weights(50));
        owner.push(version);
        var node = new TestNode(owner);
        var request = node.request(version, policies);
        vault.restart();
        Refusal.of(() -> node.ask(request)).byRule("nonce.stale");
    }

    @Test
    void refusesASecondVaultOnTheFolder() {
        assertThat(refusal()).hasMessageContaining("in use by another vault");
    }

    @Test
    void refusesAFolderWithoutAVault() {
        var empty =
                new VaultConfig(
                        dir.resolve("empty"),
                        vault.config.custody(),
                        vault.config.grpc(),
                        vault.config.http(),
                        vault.config.hostNames(),
                        vault.config.limits(),
                        vault.config.approvals(),
                        vault.config.witnesses());
        StartupException refusal = refusal(empty, vault.anchors());
        assertThat(refusal.exit()).isEqualTo(Exit.USAGE);
        assertThat(refusal).hasMessageContaining("vault init");
        assertThat(dir.resolve("empty")).doesNotExist();
    }

    @Test
    void refusesToInitialiseAFolderOrATokenTwice() {
        vault.stop();
        var again =
                catchThrowableOfType(
                        StartupException.class,
                        () ->
                                VaultInit.initialise(
                                        vault.config, vault.anchors(), dir.resolve("op2")));
        assertThat(again.exit()).isEqualTo(Exit.USAGE);
        var fresh = VaultConfig.of(dir.resolve("data2"), vault.config.custody());
        var sameToken =
                catchThrowableOfType(
                        StartupException.class,
                        () -> VaultInit.initialise(fresh, vault.anchors(), dir.resolve("op3")));
        assertThat(sameToken).isNotNull();
        assertThat(dir.resolve("op3")).doesNotExist();
    }

    @Test
    void closesItsFoldersToOthers() throws Exception {
        vault.stop();
        var open = PosixFilePermissions.fromString("rwxr-xr-x");
        var closed = PosixFilePermissions.fromString("rwx------");
        Files.setPosixFilePermissions(vault.config.dataDir(), open);
        vault.start();
        assertThat(Files.getPosixFilePermissions(vault.config.dataDir())).isEqualTo(closed);

        SoftHsm other = SoftHsm.inThisProcess();
        Path data = Files.createDirectory(dir.resolve("data2"));
        Path operator = Files.createDirectory(dir.resolve("operator2"));
        Files.setPosixFilePermissions(data, open);
        Files.setPosixFilePermissions(operator, open);
        VaultInit.initialise(
                VaultConfig.of(data, TestVault.tokenConfig(other)), vault.anchors(), operator);
        assertThat(Files.getPosixFilePermissions(data)).isEqualTo(closed);
        assertThat(Files.getPosixFilePermissions(operator)).isEqualTo(closed);
    }

    @Test
    void refusesAWrongPinAfterOneAttempt() throws Exception {
        vault.stop();
        Path wrong =
                Files.createFile(
                        dir.resolve("wrong-pin"),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.writeString(wrong, "not the pin");
        StartupException refusal = refusal(withToken(vault.token.label(), wrong), vault.anchors());
        assertThat(refusal.exit()).isEqualTo(Exit.DENIED);
    }

    private VaultConfig withToken(String label, Path pin) {
        return VaultConfig.of(
                vault.config.dataDir(), new VaultConfig.Token(vault.token.module(), label, pin));
    }

    @Test
    void refusesAPinThatOthersCanRead() throws Exception {
        vault.stop();
        Path open = Files.writeString(dir.resolve("open-pin"), "1234");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        StartupException refusal = refusal(withToken(vault.token.label(), open), vault.anchors());
        assertThat(refusal.exit()).isEqualTo(Exit.DENIED);
        assertThat(refusal).hasMessageContaining("chmod 600");
    }

    @Test
    void saysWhenThereIsNoSuchToken() {
        vault.stop();
        StartupException refusal =
                refusal(withToken("no-such-label", vault.token.pinFile()), vault.anchors());
        assertThat(refusal.exit()).isEqualTo(Exit.TOKEN_NOT_FOUND);
    }

    @Test
    void refusesAnotherTokenThanItsOwn() {
        vault.stop();
        SoftHsm other = SoftHsm.inThisProcess();
        StartupException refusal =
                refusal(withToken(other.label(), other.pinFile()), vault.anchors());
        assertThat(refusal.exit()).isEqualTo(Exit.INTEGRITY);
    }

    @Test
    void neverServesAFolderBornUnderATestRootUnderAnother() {
        vault.stop();
        StartupException production = refusal(vault.config, TrustAnchors.vendors());
        assertThat(production.exit()).isEqualTo(Exit.INTEGRITY);
        assertThat(production).hasMessageContaining("simulated");
        TrustAnchors stranger =
                SoftwareChip.create(new SecureRandom(), InstantSource.system()).anchors();
        assertThat(refusal(vault.config, stranger).exit()).isEqualTo(Exit.INTEGRITY);
    }

    /** Rows that name another root do not make a folder another vault's. */
    @Test
    void believesItsSignedIdentityAboutTheRoot() throws Exception {
        vault.stop();
        SoftwareChip stranger = SoftwareChip.create(new SecureRandom(), InstantSource.system());
        vault.sql(
                "UPDATE meta SET value = '"
                        + stranger.anchors().fingerprint().hex()
                        + "' WHERE key = 'ATTESTATION_ROOT'");
        StartupException refusal = refusal(vault.config, stranger.anchors());
        assertThat(refusal.exit()).isEqualTo(Exit.INTEGRITY);
        assertThat(refusal).hasMessageContaining("signed identity");
    }

    /** What owners and nodes were told by the ceremony key is what the token must be. */
    @ParameterizedTest
    @EnumSource(names = {"SOFTWARE", "HSM", "HSM_TRUSTED"})
    void refusesATokenOfAnotherLevelThanItsSignedIdentity(TrustLevel level) throws Exception {
        vault.stop();
        vault.identifyAs(own ->
                VaultIdentity.first(
                        own.ceremonySpki(),
                        own.signingSpki(),
                        own.caCertificate(),
                        own.module(),
                        level,
                        own.tee(),
                        own.attestationRoot(),
                        own.logOrigin()));
        StartupException refusal = refusal();
        assertThat(refusal.exit()).isEqualTo(Exit.INTEGRITY);
        assertThat(refusal)
                .hasMessageContaining("trust level " + level)
                .hasMessageContaining("the token is at SOFT_TOKEN");
    }

    @Test
    void refusesALogWithAChangedLeaf() throws Exception {
        vault.tenant("acme");
        showCheckpoint();
        vault.stop();
        vault.sql("UPDATE audit_leaf SET leaf = CAST(leaf || x'00' AS BLOB) WHERE leaf_index = 1");
        assertThat(refusal().exit()).isEqualTo(Exit.INTEGRITY);
    }

    @Test
    void refusesALogWithoutItsLastLeaf() throws Exception {
        vault.tenant("acme");
        showCheckpoint();
        vault.stop();
        vault.sql(
                "DELETE FROM audit_leaf WHERE leaf_index = (SELECT max(leaf_index) FROM"
                        + " audit_leaf)");
        assertThat(refusal().exit()).isEqualTo(Exit.INTEGRITY);
    }

    @Test
    void refusesALogWithAGap() throws Exception {
        vault.tenant("acme");
        vault.stop();
        vault.sql("DELETE FROM audit_leaf WHERE leaf_index = 1");
        assertThat(refusal().exit()).isEqualTo(Exit.INTEGRITY);
    }

    /** What the log says is in force outlives the process. */
    @Test
    void refusesAWithdrawnPolicyAfterARestart() throws Exception {
        TestOwner owner = vault.tenant("acme");
        Policies first = owner.setPolicies("bert");
        Sealed version = owner.seal("bert", TestOwner.weights(50));
        owner.push(version);
        owner.set(owner.policy(Kind.OUTPUT, "bert", 2, Optional.of(first.output())));
        vault.stop();
        vault.sql("DELETE FROM policy WHERE seq = 2");
        vault.start();
        var node = new TestNode(owner);
        Refusal.of(() -> node.ask(node.request(version, first)))
                .byRule("vault.policy_not_authentic");
    }

    @Test
    void refusesALogWhoseCheckpointIsGone() throws Exception {
        vault.stop();
        vault.sql("DELETE FROM checkpoint");
        StartupException refusal = refusal();
        assertThat(refusal.exit()).isEqualTo(Exit.INTEGRITY);
        assertThat(refusal).hasMessageContaining("its last checkpoint is missing");
    }

    /** What nobody was shown yet was signed when the vault stopped. */
    @Test
    void refusesALogWithoutARefusalAtItsEnd() throws Exception {
        TestOwner owner = vault.tenant("acme");
        Policies policies = owner.setPolicies("bert");
        Sealed pending = owner.seal("bert", new byte[5]);
        var node = new TestNode(owner);
        Refusal.of(() -> node.ask(node.request(pending, policies))).byRule("version.unknown");
        assertThat(unsignedLeaves()).isEqualTo(1);
        vault.stop();
        vault.sql(
                "DELETE FROM audit_leaf WHERE leaf_index = (SELECT max(leaf_index) FROM"
                        + " audit_leaf)");
        assertThat(refusal().exit()).isEqualTo(Exit.INTEGRITY);
    }

    /** So that a crash leaves none of them for a thief of the disk to cut off. */
    @Test
    void signsWhatItDecidesAboutTrustAtOnce() throws Exception {
        assertThat(unsignedLeaves()).as("vault.started").isZero();
        TestOwner owner = vault.tenant("acme");
        assertThat(unsignedLeaves()).as("tenant.created, certificate.issued").isZero();
        owner.setPolicies("bert");
        assertThat(unsignedLeaves()).as("policy.set").isZero();
        owner.push(owner.seal("bert", new byte[5]));
        owner.rotate();
        assertThat(unsignedLeaves()).as("kek.retired").isZero();
    }

    /** Leaves beyond the stored checkpoint, whose second line is its size. */
    private long unsignedLeaves() throws Exception {
        return vault.count(
                "SELECT (SELECT count(*) FROM audit_leaf)"
                        + " - CAST(substr(note, instr(note, char(10)) + 1) AS INTEGER)"
                        + " FROM checkpoint");
    }

    private void showCheckpoint() {
        AuditGrpc.newBlockingStub(vault.connect(vault.operator))
                .getConsistencyProof(GetConsistencyProofRequest.getDefaultInstance());
    }

    @Test
    void tellsWhoRemembersMoreThatItsDatabaseWasRolledBack() throws Exception {
        vault.stop();
        Path database = vault.config.dataDir().resolve("vault.db");
        Path old = Files.copy(database, dir.resolve("old.db"));
        vault.start();
        vault.tenant("acme");
        long seen = vault.count("SELECT count(*) FROM audit_leaf");
        vault.stop();
        Files.copy(old, database, StandardCopyOption.REPLACE_EXISTING);
        vault.start();
        var audit = AuditGrpc.newBlockingStub(vault.connect(vault.operator));
        Refusal.of(() ->
                        audit.getConsistencyProof(
                                GetConsistencyProofRequest.newBuilder().setFromSize(seen).build()))
                .isFor(Reason.LOG_SHORTER);
    }

    @Test
    void refusesADamagedDatabase() throws Exception {
        vault.stop();
        Path database = vault.config.dataDir().resolve("vault.db");
        byte[] bytes = Files.readAllBytes(database);
        java.util.Arrays.fill(bytes, 100, 4096, (byte) 0x5a);
        Files.write(database, bytes);
        assertThat(refusal().exit()).isEqualTo(Exit.INTEGRITY);
    }

    @Test
    void refusesACatalogueThatNamesAKeyTheTokenLacks() throws Exception {
        vault.tenant("acme");
        vault.stop();
        vault.sql("UPDATE kek SET version = 7 WHERE tenant = 'acme'");
        StartupException refusal = refusal();
        assertThat(refusal.exit()).isEqualTo(Exit.INTEGRITY);
        assertThat(refusal).hasMessageContaining("no key is made in its place");
    }
}
