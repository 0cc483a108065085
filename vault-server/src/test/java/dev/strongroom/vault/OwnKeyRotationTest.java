package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.Countersignature;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.OwnKeyChange;
import dev.strongroom.crypto.format.OwnKeyChange.Step;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.CreateBackupRequest;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.StartupException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The vault's own keys are replaced: what they signed stays good, what they sign since is not. */
class OwnKeyRotationTest {
    @TempDir private Path dir;
    private TestVault vault;
    private TestOwner owner;
    private Policies policies;
    private Sealed version;
    private ByteString countersignature;

    @BeforeEach
    void start() throws Exception {
        vault = new TestVault(dir);
        owner = vault.tenant("acme");
        policies = owner.setPolicies("bert");
        version = owner.seal("bert", TestOwner.weights(100));
        countersignature = owner.push(version).getCountersignature();
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    private TestOwnKeys keys() {
        return new TestOwnKeys(vault);
    }

    private ByteString lease() {
        var node = new TestNode(owner);
        return node.ask(node.request(version, policies)).getLease();
    }

    private static Checkpoint verified(String note, VaultIdentity identity) throws Exception {
        var signed = SignedCheckpoint.parse(note);
        return signed.verify(signed.logKey(identity), WitnessQuorum.NONE);
    }

    private static Dsse dsse(ByteString envelope) throws Exception {
        return Dsse.decode(envelope.toByteArray());
    }

    @Test
    void theSigningKeysOldWordsStayGoodAndNewOnesAreTheNewKeys() throws Exception {
        VaultIdentity first = keys().identity();
        ByteString oldLease = lease();
        String oldNote = keys().checkpoint();

        assertThat(keys().rotate("signing")).isEqualTo(2);
        VaultIdentity second = keys().identity();
        second.requireFollows(first);
        assertThat(second.number()).isEqualTo(2);
        assertThat(second.signingKeyId()).isNotEqualTo(first.signingKeyId());
        assertThat(verified(oldNote, second).size())
                .isLessThanOrEqualTo(second.earlierKeys().getFirst().end());
        assertThat(Lease.verify(dsse(oldLease), second).versionNumber()).isEqualTo(1);
        assertThat(Countersignature.verify(dsse(countersignature), second).versionNumber())
                .isEqualTo(1);

        ByteString newLease = lease();
        assertThat(Lease.verify(dsse(newLease), second).auditLeaf())
                .isGreaterThan(second.earlierKeys().getFirst().end());
        assertThatThrownBy(() -> Lease.verify(dsse(newLease), first))
                .hasMessageContaining("no valid signature");
        assertThatThrownBy(() -> verified(keys().checkpoint(), first))
                .hasMessageContaining("expected a signature");

        keys().retire("signing");
        vault.restart();
        assertThat(keys().states("signing")).containsExactly("current");
        assertThat(verified(oldNote, keys().identity()).size()).isPositive();
        assertThat(Lease.verify(dsse(lease()), keys().identity()).versionNumber()).isEqualTo(1);
        assertThat(keys().rotate("signing")).isEqualTo(3);
        assertThat(Lease.verify(dsse(newLease), keys().identity())).isNotNull();
        assertThat(Lease.verify(dsse(oldLease), keys().identity())).isNotNull();
    }

    @Test
    void bothAuthoritiesCountUntilTheOldOneIsRetired() throws Exception {
        TestIdentity old = vault.operator;
        assertThat(keys().rotate("ca")).isEqualTo(2);
        VaultIdentity identity = keys().identity(); // by the old certificate, trusting the old CA
        assertThat(identity.caCertificates()).hasSize(2);
        Refusal.of(() -> keys().retire("ca")).isFor(Reason.OWN_KEY_IN_USE).saying("your own");
        assertThat(lease()).isNotEmpty();

        vault.renewOperator();
        assertThat(vault.operator.ca().getEncoded()).isEqualTo(identity.caCertificate());
        assertThat(vault.operator.ca()).isNotEqualTo(old.ca());
        assertThat(keys().current("ca")).isEqualTo(2); // by the new one, trusting the new CA alone
        vault.restart();
        assertThat(keys().current("ca")).isEqualTo(2);
        TestIdentity present = vault.operator;
        vault.operator = old;
        assertThat(keys().current("ca")).isEqualTo(2);

        vault.operator = old;
        var connected = keys();
        assertThat(connected.current("ca")).isEqualTo(2);
        vault.operator = present;
        keys().retire("ca");
        Refusal.of(() -> connected.current("ca")) // a connection that began before
                .isFor(Reason.CERTIFICATE_UNKNOWN)
                .saying("retired");
        assertThat(keys().identity().caCertificates()).hasSize(1);
        assertThat(keys().states("ca")).containsExactly("current");
        vault.operator = old;
        assertThatThrownBy(() -> keys().current("ca"))
                .isInstanceOf(StatusRuntimeException.class)
                .extracting(e -> ((StatusRuntimeException) e).getStatus().getCode())
                .isEqualTo(Status.Code.UNAVAILABLE); // no handshake
        vault.operator = present;
        vault.restart();
        owner = owner.renewed();
        assertThat(lease()).isNotEmpty();
    }

    @Test
    void theTlsServerShowsItsNewKey() throws Exception {
        ByteString before = keys().list("tls").getFirst().getKeyId();
        assertThat(keys().rotate("tls")).isEqualTo(2);
        assertThat(keys().states("tls")).containsExactly("current", "superseded");
        keys().retire("tls");
        assertThat(keys().list("tls"))
                .singleElement()
                .satisfies(key -> {
                    assertThat(key.getVersion()).isEqualTo(2);
                    assertThat(key.getKeyId()).isNotEqualTo(before);
                });
        vault.restart();
        assertThat(keys().current("tls")).isEqualTo(2);
    }

    @Test
    void oneStepAtATimeAndNeverTheCeremonyKey() {
        assertThat(keys().rotate("signing")).isEqualTo(2);
        Refusal.of(() -> keys().rotate("signing")).isFor(Reason.OWN_KEY_SUPERSEDED);
        Refusal.of(() -> keys().rotate("ceremony")).isFor(Reason.REQUEST_MALFORMED);
        Refusal.of(() -> keys().rotate("pin")).isFor(Reason.REQUEST_MALFORMED);
        keys().retire("signing");
        keys().retire("signing");
        assertThat(keys().current("signing")).isEqualTo(2);
    }

    @Test
    void noKeyIsRetiredThatAKeptBackupStartsWith() {
        var _ =
                AdminGrpc.newBlockingStub(vault.connect(vault.operator))
                        .createBackup(CreateBackupRequest.getDefaultInstance());
        assertThat(keys().rotate("signing")).isEqualTo(2);
        Refusal.of(() -> keys().retire("signing")).isFor(Reason.OWN_KEY_IN_USE).saying("backup");
    }

    /** What the ceremony key signs takes more than one person, where there are more. */
    @Test
    void takesTheApproversThatAreConfigured() throws Exception {
        vault.close();
        var approvals = new TestApprovals();
        vault = new TestVault(dir.resolve("other"), Optional.of(approvals.roster()));
        Refusal.of(() -> keys().rotate("ca")).isFor(Reason.APPROVAL_MISSING);
        assertThat(keys().states("ca")).containsExactly("current");
        assertThat(keys().rotate("tls")).isEqualTo(2); // signed by the CA alone
        var change = new OwnKeyChange(Step.ROTATE, "ca", 2, vault.pin);
        approvals.agree(vault, Change.of(change), change.encode());
        Refusal.of(() -> keys().rotate("signing")).isFor(Reason.APPROVAL_MISSING);
        assertThat(keys().rotate("ca")).isEqualTo(2);
        vault.renewOperator();
        Refusal.of(() -> keys().retire("ca")).isFor(Reason.APPROVAL_MISSING);
    }

    /** Who has an old key and can write the database would like to be believed again. */
    @Test
    void refusesAnEarlierIdentityThatIsWrittenBack() throws Exception {
        byte[] before = identityRow();
        assertThat(keys().rotate("ca")).isEqualTo(2);
        vault.stop();
        vault.sql(
                "UPDATE meta SET value = '%s' WHERE key = 'VAULT_IDENTITY'"
                        .formatted(new String(before, StandardCharsets.US_ASCII)));
        assertThatThrownBy(vault::start)
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("not the one that its audit log says");
    }

    private byte[] identityRow() throws Exception {
        return vault.bytes("SELECT value FROM meta WHERE key = 'VAULT_IDENTITY'");
    }
}
