package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Role;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.ReleaseRecord;
import dev.strongroom.proto.v1.RenewLeaseRequest;
import dev.strongroom.proto.v1.RenewLeaseResponse;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fresh evidence in, a lease in the place of the last one out, over the real API. */
class RenewalTest {
    private static final byte[] OTHER_48 = HexFormat.of().parseHex("07".repeat(48));

    @TempDir static Path dir;
    private static TestVault vault;
    private static TestOwner owner;
    private static Policies policies;
    private static Sealed version;
    private TestNode node;
    private Lease first;
    private Duration passed = Duration.ZERO;

    @BeforeAll
    static void start() throws Exception {
        vault = new TestVault(dir);
        owner = vault.tenant("acme");
        policies = owner.setPolicies("bert");
        version = owner.seal("bert", TestOwner.weights(100));
        owner.push(version);
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    @BeforeEach
    void lease() throws Exception {
        node = new TestNode(owner);
        first = node.lease(node.ask(node.request(version, policies)).getLease());
    }

    /** Certificates are valid by the real clock, so each test's time passes for itself alone. */
    @AfterEach
    void goBack() {
        vault.clock.advance(passed.negated());
    }

    private void later(Duration time) {
        passed = passed.plus(time);
        vault.clock.advance(time);
    }

    @Test
    void renewsForFreshEvidenceOfTheSameBoot() throws Exception {
        later(Duration.ofHours(3));
        RenewLeaseRequest.Builder request = node.renewal(version, policies);
        RenewLeaseResponse response = node.renew(request);
        Lease second = node.lease(response.getLease());
        assertThat(second.seq()).isEqualTo(2);
        assertThat(second.releaseLeaf()).isEqualTo(first.auditLeaf());
        assertThat(second.isRenewal()).isTrue();
        assertThat(second.nodeNonce()).isEqualTo(request.getNodeNonce().toByteArray());
        assertThat(second.kemKeyDigest()).isEqualTo(first.kemKeyDigest());
        assertThat(second.tlsKeyDigest()).isEqualTo(first.tlsKeyDigest());
        assertThat(second.notAfter()).isEqualTo(first.notAfter().plus(Duration.ofHours(3)));
        AuditRecord leaf = AuditRecord.decode(response.getProof().getLeaf().toByteArray());
        assertThat(leaf.type()).isEqualTo(AuditRecord.LEASE_RENEWED);
        assertThat(ReleaseRecord.objection(leaf, second, NodeOwners.alone(owner.ownerId())))
                .isEmpty();
        assertThat(response.getTlsChainCount()).isEqualTo(2);
    }

    @Test
    void renewsAfterTheVaultWasRestarted() throws Exception {
        vault.restart();
        assertThat(node.lease(node.renew(node.renewal(version, policies)).getLease()).seq())
                .isEqualTo(2);
    }

    @Test
    void refusesAReplayedRenewal() {
        RenewLeaseRequest.Builder request = node.renewal(version, policies);
        node.renew(request);
        Refusal.of(() -> node.renew(request)).byRenewalRule("nonce.unknown");
    }

    @Test
    void refusesEvidenceThatIsForAnotherRole() {
        for (Role role : new Role[] {Role.RELEASE, Role.SERVE, Role.RESEAL}) {
            Refusal.of(() -> node.renew(node.renewal(version, policies, role, node.guest())))
                    .byRenewalRule("binding.report-data");
        }
        Refusal.of(
                        () -> {
                            byte[] nonce = node.nonce();
                            var renewal =
                                    node.evidence(
                                            node.guest(),
                                            node.transcript(Role.RENEW, version, policies, nonce));
                            node.ask(node.request(version, policies, nonce, renewal));
                        })
                .byRule("binding.report-data");
    }

    @Test
    void refusesEvidenceOfAnotherImageOrOwner() {
        refusesGuest("policy.snp.measurement", guest -> guest.withMeasurement(OTHER_48));
        refusesGuest("binding.host-data", guest -> guest.withHostData(new byte[32]));
    }

    private void refusesGuest(String rule, UnaryOperator<ChipConfig> bend) {
        Refusal.of(() ->
                        node.renew(
                                node.renewal(
                                        version, policies, Role.RENEW, bend.apply(node.guest()))))
                .byRenewalRule(rule);
    }

    @Test
    void refusesEvidenceForAnotherVersionOrPolicy() {
        Sealed other = owner.seal("bert", TestOwner.weights(100));
        owner.push(other);
        Refusal.of(() -> node.renew(node.renewal(other, policies))).byRenewalRule("lease.other");
        RenewLeaseRequest.Builder mixed = node.renewal(other, policies);
        mixed.setVersionId(version.idBytes())
                .setManifestDigest(ByteString.copyFrom(version.manifest().digest().bytes()));
        Refusal.of(() -> node.renew(mixed)).byRenewalRule("binding.report-data");
        var unknown = new Policies(Digest.sha256(new byte[] {1}), policies.output());
        Refusal.of(() -> node.renew(node.renewal(version, unknown)))
                .byRenewalRule("policy.superseded");
    }

    @Test
    void refusesAnotherTlsKeyAnotherNodeAndABootWithoutALease() {
        RenewLeaseRequest.Builder otherKey = node.renewal(version, policies);
        otherKey.setTlsSpki(ByteString.copyFrom(TestIdentity.newKey().getPublic().getEncoded()));
        Refusal.of(() -> node.renew(otherKey)).byRenewalRule("binding.report-data");
        var stranger = new TestNode(owner);
        Refusal.of(() -> stranger.renew(stranger.renewal(version, policies)))
                .byRenewalRule("lease.unknown");
        System.arraycopy(node.bootId, 0, stranger.bootId, 0, node.bootId.length);
        Refusal.of(() -> stranger.renew(stranger.renewal(version, policies)))
                .byRenewalRule("boot.other");
        Refusal.of(() -> stranger.ask(stranger.request(version, policies))).byRule("boot.other");
    }

    @Test
    void neverRenewsALeaseThatIsOver() {
        later(Duration.ofHours(24));
        Refusal.of(() -> node.renew(node.renewal(version, policies)))
                .byRenewalRule("lease.expired");
    }

    @Test
    void takesOneMarkOfTheAttestedKeyForEachBoot() throws Exception {
        var mark = node.commitment(first, Digest.sha256(new byte[1]));
        Refusal.of(() -> node.commit(mark, TestIdentity.newKey()))
                .isFor(Reason.FINGERPRINT_REFUSED);
        var stranger = new TestNode(owner);
        Refusal.of(() -> stranger.commit(mark, stranger.tls)).isFor(Reason.LEASE_NOT_FOUND);

        var proof = node.commit(mark, node.tls);
        AuditRecord leaf = AuditRecord.decode(proof.getLeaf().toByteArray());
        assertThat(leaf.type()).isEqualTo(AuditRecord.NODE_FINGERPRINTED);
        assertThat(leaf.fields()).containsEntry("commitment", mark.commitment().hex());
        node.renew(node.renewal(version, policies));
        vault.restart();
        assertThat(node.commit(mark, node.tls).getLeafIndex()).isEqualTo(proof.getLeafIndex());
        var other = node.commitment(first, Digest.sha256(new byte[2]));
        Refusal.of(() -> node.commit(other, node.tls)).isFor(Reason.FINGERPRINT_REFUSED);

        later(Duration.ofHours(24));
        Refusal.of(() -> node.commit(mark, node.tls)).isFor(Reason.LEASE_NOT_FOUND);
    }

    @Test
    void takesOneStatementOfTheAttestedKeyAndEndsTheBoot() throws Exception {
        var statement = node.zeroisation(first);
        Refusal.of(() -> node.report(statement, TestIdentity.newKey()))
                .isFor(Reason.ZEROISATION_REFUSED);
        var proof = node.report(statement, node.tls).getProof();
        AuditRecord leaf = AuditRecord.decode(proof.getLeaf().toByteArray());
        assertThat(leaf.type()).isEqualTo(AuditRecord.NODE_ZEROISED);
        assertThat(leaf.fields())
                .containsEntry("wiped-bytes", "4096")
                .containsEntry("rule", "lease.expired");
        assertThat(node.report(statement, node.tls).getProof().getLeafIndex())
                .isEqualTo(proof.getLeafIndex());
        Refusal.of(() -> node.renew(node.renewal(version, policies)))
                .byRenewalRule("boot.zeroised");
        Refusal.of(() -> node.ask(node.request(version, policies))).byRule("boot.zeroised");
        var stranger = new TestNode(owner);
        Refusal.of(() -> stranger.report(statement, stranger.tls)).isFor(Reason.LEASE_NOT_FOUND);
    }
}
