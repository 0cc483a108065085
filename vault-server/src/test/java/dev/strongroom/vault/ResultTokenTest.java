package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustVector;
import dev.strongroom.crypto.format.AttestationResult;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.ResultToken;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.AuditGrpc;
import dev.strongroom.proto.v1.GetInclusionProofRequest;
import dev.strongroom.proto.v1.GetResultTokenRequest;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.proto.v1.RenewLeaseResponse;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import dev.strongroom.proto.v1.RevocationTarget;
import dev.strongroom.proto.v1.RevokeRequest;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the vault signs of a node's evidence, over the real API, and what it is not good for. */
class ResultTokenTest {
    @TempDir static Path dir;
    private static TestVault vault;
    private static TestOwner owner;
    private static Policies policies;
    private static Sealed version;

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

    @Test
    void comesWithEveryLeaseAndSaysWhatItsRecordSays() throws Exception {
        var node = new TestNode(owner);
        RequestLeaseResponse released = node.ask(node.request(version, policies));
        AttestationResult result = verify(released.getResultToken(), of(node));
        assertThat(result.model()).isEqualTo(version.model());
        assertThat(result.manifestDigest()).isEqualTo(version.manifest().digest());
        assertThat(result.releasePolicy()).isEqualTo(policies.release());
        assertThat(result.tlsKeyDigest())
                .isEqualTo(Digest.sha256(node.tls.getPublic().getEncoded()));
        assertThat(result.vector().tier()).isEqualTo(TrustVector.Tier.AFFIRMING);
        assertThat(result.auditLeaf()).isEqualTo(released.getProof().getLeafIndex());
        AuditRecord leaf = AuditRecord.decode(released.getProof().getLeaf().toByteArray());
        assertThat(leaf.fields())
                .containsEntry("ar4si.hardware", "2")
                .containsEntry("ar4si.executables", "3")
                .containsEntry("ar4si.configuration", "2");

        RenewLeaseResponse renewed = node.renew(node.renewal(version, policies));
        AttestationResult second = verify(renewed.getResultToken(), of(node));
        assertThat(second.leaseSeq()).isEqualTo(2);
        assertThat(second.auditLeaf()).isEqualTo(renewed.getProof().getLeafIndex());
    }

    @Test
    void isAnsweredAboutABootWhoseLeaseIsInForceAndNoLonger() throws Exception {
        var node = new TestNode(owner);
        node.ask(node.request(version, policies));
        TestIdentity consumer = vault.issue("acme", "consumer");
        AttestationResult result = verify(token(consumer, node.bootId), of(node));
        assertThat(result.leaseSeq()).isEqualTo(1);
        Refusal.of(() -> token(consumer, new byte[16])).isFor(Reason.LEASE_NOT_FOUND);
        vault.tenant("other");
        TestIdentity stranger = vault.issue("other", "consumer");
        Refusal.of(() -> token(stranger, node.bootId)).isFor(Reason.TENANT_DENIED);
        revoke(node);
        Refusal.of(() -> token(consumer, node.bootId)).isFor(Reason.LEASE_NOT_FOUND);
    }

    @Test
    void isNotGoodForAnotherNodeModelOrVaultNorAfterItsEnd() throws Exception {
        var node = new TestNode(owner);
        String token = node.ask(node.request(version, policies)).getResultToken();
        refused(token, of(new TestNode(owner)), "another boot");
        refused(
                token,
                new ResultToken.Demand(
                        Optional.of(ModelName.parse("acme/other")),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                "is about model acme/bert");
        assertThatThrownBy(() ->
                        ResultToken.verify(
                                token,
                                identity(token),
                                vault.clock.instant().plus(Duration.ofMinutes(5)),
                                of(node)))
                .hasMessageContaining("ended");
    }

    @Test
    void whatWasThoughtOfRefusedEvidenceIsInTheLogAsWell() throws Exception {
        var node = new TestNode(owner);
        var request = node.request(version, policies);
        byte[] other = node.nonce();
        request.setNonce(ByteString.copyFrom(other)); // evidence of another nonce
        Refusal refusal = Refusal.of(() -> node.ask(request)).byRule("binding.report-data");
        long leaf = Long.parseLong(refusal.info().getMetadataOrThrow("audit-leaf"));
        AuditRecord record = record(leaf);
        assertThat(record.fields())
                .containsEntry("ar4si.hardware", "2")
                .containsEntry("ar4si.configuration", "32");
    }

    private static AuditRecord record(long leaf) throws SealedFormatException {
        var request = GetInclusionProofRequest.newBuilder().setLeafIndex(leaf).build();
        return AuditRecord.decode(
                AuditGrpc.newBlockingStub(vault.connected(vault.operator))
                        .getInclusionProof(request)
                        .getProof()
                        .getLeaf()
                        .toByteArray());
    }

    private static void refused(String token, ResultToken.Demand demand, String why) {
        assertThatThrownBy(() -> verify(token, demand))
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining(why);
    }

    private static AttestationResult verify(String token, ResultToken.Demand demand)
            throws SealedFormatException {
        return ResultToken.verify(token, identity(token), vault.clock.instant(), demand);
    }

    private static VaultIdentity identity(String token) throws SealedFormatException {
        return VaultIdentity.verify(Dsse.decode(ResultToken.shownIdentity(token)), vault.pin);
    }

    private static ResultToken.Demand of(TestNode node) {
        return new ResultToken.Demand(
                Optional.empty(),
                Optional.of(node.bootId),
                Optional.of(Digest.sha256(node.tls.getPublic().getEncoded())),
                Optional.empty());
    }

    private static String token(TestIdentity caller, byte[] bootId) {
        return ReleaseGrpc.newBlockingStub(vault.connect(caller))
                .getResultToken(
                        GetResultTokenRequest.newBuilder()
                                .setModel("acme/bert")
                                .setBootId(ByteString.copyFrom(bootId))
                                .build())
                .getResultToken();
    }

    private static void revoke(TestNode node) throws Exception {
        String uri =
                (String)
                        node.identity
                                .certificate()
                                .getSubjectAlternativeNames()
                                .iterator()
                                .next()
                                .get(1);
        AdminGrpc.newBlockingStub(vault.connected(vault.operator))
                .revoke(
                        RevokeRequest.newBuilder()
                                .setTarget(
                                        RevocationTarget.newBuilder()
                                                .setKind("node")
                                                .setSubject(uri))
                                .setReason("leaked")
                                .build());
    }
}
