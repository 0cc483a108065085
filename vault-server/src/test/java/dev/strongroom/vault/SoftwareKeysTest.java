package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.CommitVersionRequest;
import dev.strongroom.proto.v1.GetKeyStatusRequest;
import dev.strongroom.proto.v1.GetKeyStatusResponse.Kek;
import dev.strongroom.proto.v1.GetVaultIdentityRequest;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A vault without a token: it works, says SOFTWARE wherever it speaks, and loses no key. */
class SoftwareKeysTest {
    @TempDir private static Path dir;
    private static TestVault vault;
    private static VaultConfig.KeyStore files;

    @BeforeAll
    static void make() throws Exception {
        vault = TestVault.inSoftware(dir);
        files = VaultConfig.KeyStore.in(vault.config.dataDir());
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    @Test
    void pushesReleasesAndRotatesAtLevelSoftware() throws Exception {
        TestOwner owner = vault.tenant("acme");
        Policies policies = owner.setPolicies("bert");
        Sealed version = owner.seal("bert", TestOwner.weights(50));
        assertThat(owner.importCertificate().level()).isEqualTo(TrustLevel.SOFTWARE);
        assertThat(owner.push(version).getTrustLevel()).isEqualTo("SOFTWARE");
        byte[] dataKey = released(owner, version, policies);

        assertThat(owner.rotate().getState()).isEqualTo("finished");
        vault.restart();

        assertThat(released(owner, version, policies)).isEqualTo(dataKey);
        var status =
                owner.keys()
                        .getKeyStatus(
                                GetKeyStatusRequest.newBuilder().setTenant(owner.tenant).build());
        assertThat(status.getTrustLevel()).isEqualTo("SOFTWARE");
        assertThat(status.getKeksList()).extracting(Kek::getWrappedRecords).containsExactly(0L, 1L);
    }

    /** Asks as a node, looks at what the lease says, and opens the key. */
    private byte[] released(TestOwner owner, Sealed version, Policies policies) throws Exception {
        var node = new TestNode(owner);
        RequestLeaseResponse response = node.ask(node.request(version, policies));
        byte[] identity =
                AdminGrpc.newBlockingStub(owner.channel())
                        .getVaultIdentity(GetVaultIdentityRequest.getDefaultInstance())
                        .getVaultIdentity()
                        .toByteArray();
        var verified = VaultIdentity.verify(Dsse.decode(identity), vault.pin);
        assertThat(verified.level()).isEqualTo(TrustLevel.SOFTWARE);
        Lease lease =
                Lease.verify(
                        Dsse.decode(response.getLease().toByteArray()), verified.signingSpki());
        assertThat(lease.trustLevel()).isEqualTo(TrustLevel.SOFTWARE);
        assertThat(response.getProof().getLeaf().toStringUtf8()).contains("SOFTWARE");
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
        oaep.init(Cipher.DECRYPT_MODE, node.kem().getPrivate(), OaepHash.SHA256.parameters());
        return oaep.doFinal(response.getWrappedKey().toByteArray());
    }

    @Test
    void takesNoPushThatDemandsMore() {
        TestOwner owner = vault.tenant("rival");
        owner.setPolicies("bert");
        Sealed version = owner.seal("bert", new byte[5]);
        owner.begin(version);
        owner.upload(version, 0, 0, version.files().getFirst().length);
        Refusal.of(() ->
                        owner.models()
                                .commitVersion(
                                        CommitVersionRequest.newBuilder()
                                                .setModel(version.model().toString())
                                                .setVersionId(version.idBytes())
                                                .setImportCiphertext(
                                                        ByteString.copyFrom(
                                                                version.importCiphertext()))
                                                .setRequiredTrustLevel(
                                                        TrustLevel.SOFT_TOKEN.number())
                                                .build()))
                .isFor(Reason.TRUST_LEVEL_TOO_LOW);
    }

    /** A client of somebody else's make asks for no level; the owner's policy speaks for him. */
    @Test
    void takesNoPushBelowTheOwnersPolicy() throws Exception {
        TestOwner owner = vault.tenant("careful");
        owner.set(
                TestOwner.demanding(
                        owner.policy(Kind.RELEASE, "bert", 1, Optional.empty()),
                        "\"minTrustLevel\":\"soft-token\""));
        owner.setOutput("bert");
        Sealed version = owner.seal("bert", new byte[5]);
        Refusal.of(() -> owner.push(version))
                .isFor(Reason.TRUST_LEVEL_TOO_LOW)
                .saying("kept at software, the release policy demands at least soft-token");
        assertThat(vault.count("SELECT count(*) FROM wrapped_key WHERE tenant = 'careful'"))
                .isZero();
        assertThat(
                        vault.count(
                                "SELECT count(*) FROM audit_leaf WHERE instr(leaf,"
                                        + " 'version.committed') > 0 AND instr(leaf, '"
                                        + version.id()
                                        + "') > 0"))
                .isZero();
    }

    /** The key went out from a better token; since then it was moved under a key of this one. */
    @Test
    void renewsNoKeyThatIsKeptWorseThanWhenItWentOut() throws Exception {
        TestOwner owner = vault.tenant("moved");
        Policies lax = owner.setPolicies("bert");
        Sealed version = owner.seal("bert", new byte[5]);
        owner.push(version);
        Digest demanding =
                owner.set(
                        TestOwner.demanding(
                                owner.policy(Kind.RELEASE, "bert", 2, Optional.of(lax.release())),
                                "\"minTrustLevel\":\"hsm\""));
        var policies = new Policies(demanding, 2, lax.output());
        byte[] now = record(version);
        restore(version, ForgedRecord.atLevel(TrustLevel.HSM, now, files));
        var node = new TestNode(owner);
        node.ask(node.request(version, policies));
        node.renew(node.renewal(version, policies));

        restore(version, now);
        Refusal.of(() -> node.renew(node.renewal(version, policies)))
                .byRenewalRule("policy.trust-level")
                .saying("kept at software");

        byte[] changed = now.clone();
        changed[changed.length / 2] ^= 1;
        restore(version, changed);
        Refusal.of(() -> node.renew(node.renewal(version, policies)))
                .byRenewalRule("record.authentic");
    }

    private static byte[] record(Sealed version) throws Exception {
        return vault.bytes(
                "SELECT record FROM wrapped_key WHERE version_id = '" + version.id() + "'");
    }

    private static void restore(Sealed version, byte[] record) throws Exception {
        vault.sql(
                "UPDATE wrapped_key SET record = x'"
                        + HexFormat.of().formatHex(record)
                        + "' WHERE version_id = '"
                        + version.id()
                        + "'");
    }

    @Test
    void keepsBothFilesToItself() throws Exception {
        for (Path file : new Path[] {files.file(), files.passwordFile().orElseThrow()}) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
        assertThat(Files.readString(files.passwordFile().orElseThrow())).matches("[0-9a-f]{64}");
    }

    @Test
    void startsOnNoOtherKindOfCustody() throws Exception {
        vault.stop();
        refuses(TestVault.tokenConfig(vault.token), Exit.INTEGRITY, "made with a key store");

        var onToken = VaultConfig.of(dir.resolve("data2"), TestVault.tokenConfig(vault.token));
        VaultInit.initialise(onToken, vault.anchors(), dir.resolve("operator2"));
        var other = VaultConfig.of(dir.resolve("data2"), VaultConfig.KeyStore.in(dir.resolve("x")));
        StartupException refusal =
                catchThrowableOfType(
                        StartupException.class, () -> Vault.start(other, vault.anchors()).close());
        assertThat(refusal.exit()).isEqualTo(Exit.INTEGRITY);
        assertThat(refusal).hasMessageContaining("made with a token");
        vault.start();
    }

    @Test
    void makesNoKeyStoreInPlaceOfALostOne() throws Exception {
        vault.stop();
        Path away = Files.move(files.file(), dir.resolve("away"));
        refuses(files, Exit.TOKEN_NOT_FOUND, "is missing");
        assertThat(files.file()).doesNotExist();

        var other = VaultConfig.of(dir.resolve("data3"), files);
        VaultInit.initialise(other, vault.anchors(), dir.resolve("operator3"));
        refuses(files, Exit.INTEGRITY, "another key store");
        Files.move(away, files.file(), StandardCopyOption.REPLACE_EXISTING);
        vault.start();
    }

    @Test
    void refusesAWrongPasswordAndAnOldKeyStore() throws Exception {
        Path old = Files.copy(files.file(), dir.resolve("old"), StandardCopyOption.COPY_ATTRIBUTES);
        vault.tenant("late");
        vault.stop();
        byte[] password = Files.readAllBytes(files.passwordFile().orElseThrow());
        Files.writeString(files.passwordFile().orElseThrow(), "something else");
        refuses(files, Exit.DENIED, "the password is wrong, or the file is damaged");

        Files.write(files.passwordFile().orElseThrow(), password);
        Path current = Files.move(files.file(), dir.resolve("current"));
        Files.move(old, files.file());
        refuses(files, Exit.INTEGRITY, "no key is made in its place");
        Files.move(current, files.file(), StandardCopyOption.REPLACE_EXISTING);
        vault.start();
    }

    private void refuses(VaultConfig.Custody custody, Exit exit, String why) {
        var config = VaultConfig.of(vault.config.dataDir(), custody);
        StartupException refusal =
                catchThrowableOfType(
                        StartupException.class, () -> Vault.start(config, vault.anchors()).close());
        assertThat(refusal).hasMessageContaining(why);
        assertThat(refusal.exit()).isEqualTo(exit);
    }
}
