package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.ListRevocationsRequest;
import dev.strongroom.proto.v1.ListRevocationsResponse;
import dev.strongroom.proto.v1.OwnKeysGrpc;
import dev.strongroom.proto.v1.RetireOwnKeyRequest;
import dev.strongroom.proto.v1.RevocationTarget;
import dev.strongroom.proto.v1.RevokeRequest;
import dev.strongroom.proto.v1.RevokeResponse;
import dev.strongroom.proto.v1.RotateKekRequest;
import dev.strongroom.proto.v1.Rotation;
import dev.strongroom.proto.v1.WithdrawIdentityRequest;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Says what would happen, refuses what would be refused, and leaves everything as it is. */
class DryRunTest {
    @TempDir static Path dir;
    @AutoClose private static TestVault vault;
    private static int tenants;
    private TestOwner owner;

    @BeforeAll
    static void start() throws Exception {
        vault = new TestVault(dir);
    }

    @BeforeEach
    void newTenant() {
        owner = vault.tenant("acme-" + ++tenants);
    }

    /** None of these leaves a trace of a decision that nobody took. */
    private long leaves;

    private void from() throws Exception {
        leaves = vault.count("SELECT count(*) FROM audit_leaf");
    }

    private void nothingIsWrittenDown() throws Exception {
        assertThat(vault.count("SELECT count(*) FROM audit_leaf")).isEqualTo(leaves);
    }

    private static AdminGrpc.AdminBlockingStub admin() {
        return AdminGrpc.newBlockingStub(vault.connected(vault.operator));
    }

    private Rotation planRotate(int share) {
        var request =
                RotateKekRequest.newBuilder()
                        .setTenant(owner.tenant)
                        .setSharePercent(share)
                        .build();
        return owner.keys().planRotateKek(request).getRotation();
    }

    @Test
    void ofARotation() throws Exception {
        owner.setPolicies("bert");
        owner.push(owner.seal("bert", new byte[1]));
        from();
        assertThat(planRotate(0).getToVersion()).isEqualTo(2);
        Refusal.of(() -> planRotate(101)).isFor(Reason.REQUEST_MALFORMED);
        nothingIsWrittenDown();
        vault.sql("UPDATE wrapped_key SET record = x'00' WHERE tenant = '" + owner.tenant + "'");
        assertThat(owner.rotate().getState()).isEqualTo("failed");
        assertThat(planRotate(0).getToVersion()).as("of the one that failed").isEqualTo(2);
        vault.sql("DELETE FROM wrapped_key WHERE tenant = '" + owner.tenant + "'");
        assertThat(owner.rotate().getToVersion()).isEqualTo(2);
        assertThat(planRotate(0).getToVersion()).isEqualTo(3);
    }

    private String planPause() {
        return owner.keys().planPauseRotation(owner.pausing()).getRotation().getState();
    }

    private Rotation planResume(int share) {
        return owner.keys().planResumeRotation(owner.resuming(share)).getRotation();
    }

    @Test
    void ofAPauseAndOfGoingOn() throws Exception {
        owner.setPolicies("bert");
        Refusal.of(this::planPause).isFor(Reason.ROTATION_NOT_FOUND);
        for (int i = 0; i < 20; i++) {
            owner.push(owner.seal("bert", new byte[i]));
        }
        owner.rotateSlowly();
        assertThat(planPause()).isEqualTo("planned");
        assertThat(owner.keys().pauseRotation(owner.pausing()).getRotation().getState())
                .as("it went on")
                .isEqualTo("paused");
        from();
        assertThat(planPause()).isEqualTo("paused");
        Rotation planned = planResume(50);
        assertThat(planned.getState()).isEqualTo("planned");
        assertThat(planned.getSharePercent()).isEqualTo(50);
        assertThat(planResume(0).getSharePercent()).isEqualTo(1);
        Refusal.of(() -> planResume(101)).isFor(Reason.REQUEST_MALFORMED);
        nothingIsWrittenDown();
        Rotation now = owner.rotated();
        assertThat(now.getState()).isEqualTo("paused");
        assertThat(now.getSharePercent()).isEqualTo(1);
    }

    private String planRetire() {
        return owner.keys().planRetireKek(owner.retiring(1)).getState();
    }

    @Test
    void ofTheRetirementOfAKek() throws Exception {
        owner.setPolicies("bert");
        Sealed version = owner.seal("bert", new byte[1]);
        owner.push(version);
        Refusal.of(this::planRetire).isFor(Reason.KEK_IN_USE);
        vault.sql("UPDATE wrapped_key SET record = x'00' WHERE tenant = '" + owner.tenant + "'");
        assertThat(owner.rotate().getState()).isEqualTo("failed");
        Refusal.of(this::planRetire).isFor(Reason.KEK_IN_USE);
        vault.sql("DELETE FROM wrapped_key WHERE tenant = '" + owner.tenant + "'");

        from();
        assertThat(planRetire()).isEqualTo("planned");
        nothingIsWrittenDown();
        assertThat(owner.keks().getFirst().getState()).isEqualTo("retiring");
        assertThat(owner.keys().retireKek(owner.retiring(1)).getState()).isEqualTo("retired");
        assertThat(planRetire()).isEqualTo("retired");
        assertThat(owner.keks().getFirst().getState()).isEqualTo("retired");
    }

    private static final RetireOwnKeyRequest TLS =
            RetireOwnKeyRequest.newBuilder().setKey("tls").build();

    private static OwnKeysGrpc.OwnKeysBlockingStub ownKeys() {
        return OwnKeysGrpc.newBlockingStub(vault.connected(vault.operator));
    }

    @Test
    void ofTheRetirementOfTheVaultsOwnKey() throws Exception {
        assertThat(ownKeys().planRetireOwnKey(TLS).getVersion()).isZero();
        assertThat(new TestOwnKeys(vault).rotate("tls")).isEqualTo(2);
        from();
        assertThat(ownKeys().planRetireOwnKey(TLS).getVersion()).isEqualTo(1);
        nothingIsWrittenDown();
        assertThat(new TestOwnKeys(vault).states("tls")).containsExactly("current", "superseded");
        assertThat(ownKeys().retireOwnKey(TLS).getVersion()).isEqualTo(1);
        assertThat(new TestOwnKeys(vault).states("tls")).containsExactly("current");
        assertThat(ownKeys().retireOwnKey(TLS).getVersion()).isZero();
    }

    private RevokeRequest revoking() {
        return RevokeRequest.newBuilder()
                .setTarget(
                        RevocationTarget.newBuilder()
                                .setKind("model")
                                .setSubject(owner.tenant + "/bert"))
                .setReason("leaked")
                .build();
    }

    private static List<ListRevocationsResponse.Revocation> revocations() {
        return admin().listRevocations(ListRevocationsRequest.getDefaultInstance())
                .getRevocationsList();
    }

    @Test
    void ofARevocation() throws Exception {
        var policies = owner.setPolicies("bert");
        Refusal.of(() -> admin().planRevoke(revoking())).isFor(Reason.VERSION_NOT_FOUND);
        Sealed version = owner.seal("bert", new byte[1]);
        owner.push(version);
        var node = new TestNode(owner);
        node.ask(node.request(version, policies));

        from();
        RevokeResponse planned = admin().planRevoke(revoking());
        assertThat(planned.getLeases()).isEqualTo(1);
        assertThat(planned.getConnected()).isZero();
        assertThat(planned.hasProof()).isFalse();
        nothingIsWrittenDown();
        assertThat(revocations()).isEmpty();
        node.renew(node.renewal(version, policies));

        assertThat(admin().revoke(revoking()).getLeases()).isEqualTo(1);
        Refusal.of(() -> admin().planRevoke(revoking())).isFor(Reason.REVOCATION_EXISTS);
    }

    @Test
    void ofTheWithdrawalOfAnIdentity() throws Exception {
        String uri = "spiffe://strongroom/" + owner.tenant + "/owner/nobody";
        Refusal.of(() -> withdrawable(uri)).isFor(Reason.IDENTITY_NOT_FOUND);
        String owners = uriOf(owner.identity);
        from();
        assertThat(withdrawable(owners)).isEqualTo(1);
        nothingIsWrittenDown();
        assertThat(owner.keks()).as("he still comes in").isNotEmpty();
        Refusal.of(() -> withdrawable(uriOf(vault.operator))).isFor(Reason.IDENTITY_IN_USE);
    }

    private static String uriOf(TestIdentity identity) throws Exception {
        return identity.certificate()
                .getSubjectAlternativeNames()
                .iterator()
                .next()
                .get(1)
                .toString();
    }

    private long withdrawable(String uri) {
        return admin().planWithdrawIdentity(
                        WithdrawIdentityRequest.newBuilder().setIdentity(uri).build())
                .getCertificates();
    }
}
