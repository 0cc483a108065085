package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.MerkleProofs;
import dev.strongroom.crypto.transparency.MerkleTree;
import dev.strongroom.crypto.transparency.NoteKey;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import dev.strongroom.testkit.SoftwareChip;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.access.CertificateAuthority;
import dev.strongroom.vault.refusal.Reason;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evidence in, lease out; and everything that must not get one. */
class ReleaseTest {
    private static final byte[] OTHER_48 = filled(48);
    private static final byte[] OTHER_32 = filled(32);

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

    private static byte[] filled(int length) {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, (byte) 7);
        return bytes;
    }

    @Test
    void releasesTheKeyToAnAttestedNode() throws Exception {
        var node = new TestNode(owner);
        RequestLeaseRequest.Builder request = node.request(version, policies);
        RequestLeaseResponse response = node.ask(request);

        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
        oaep.init(Cipher.DECRYPT_MODE, node.kem().getPrivate(), OaepHash.SHA1.parameters());
        assertThat(oaep.doFinal(response.getWrappedKey().toByteArray())).hasSize(32);

        VaultIdentity identity = node.vaultIdentity();
        Lease lease =
                Lease.verify(
                        Dsse.decode(response.getLease().toByteArray()), identity.signingSpki());
        assertThat(lease.nonce()).isEqualTo(request.getNonce().toByteArray());
        assertThat(lease.bootId()).isEqualTo(node.bootId);
        assertThat(lease.seq()).isEqualTo(1);
        assertThat(lease.manifestDigest()).isEqualTo(version.manifest().digest());
        assertThat(lease.trustLevel()).isEqualTo(TrustLevel.SOFT_TOKEN);
        assertThat(lease.tee()).isEqualTo(Tee.SIMULATED);
        assertThat(lease.rootFingerprint()).isEqualTo(vault.anchors().fingerprint());
        assertThat(lease.auditLeaf()).isEqualTo(response.getProof().getLeafIndex());

        Checkpoint checkpoint = requireProven(response.getProof(), identity);
        AuditRecord leaf = AuditRecord.decode(response.getProof().getLeaf().toByteArray());
        assertThat(leaf.type()).isEqualTo(AuditRecord.KEY_RELEASED);
        assertThat(leaf.fields()).containsEntry("tee", "simulated");

        X509Certificate tls = certificate(response, 0);
        tls.verify(vault.operator.ca().getPublicKey());
        assertThat(tls.getPublicKey()).isEqualTo(node.tls.getPublic());
        assertThat(tls.getSubjectAlternativeNames().toString())
                .contains("localhost", "127.0.0.1", "acme.node.strongroom.internal");

        // The next lease of this boot counts on, and its log continues the one just seen.
        RequestLeaseResponse next =
                node.ask(node.request(version, policies).setLastCheckpointSize(checkpoint.size()));
        Checkpoint later = requireProven(next.getProof(), identity);
        assertThat(
                        MerkleProofs.verifyConsistency(
                                checkpoint.size(),
                                checkpoint.root(),
                                later.size(),
                                later.root(),
                                digests(next.getConsistencyList())))
                .isTrue();
        assertThat(
                        Lease.verify(
                                        Dsse.decode(next.getLease().toByteArray()),
                                        identity.signingSpki())
                                .seq())
                .isEqualTo(2);
    }

    private static Checkpoint requireProven(InclusionProof proof, VaultIdentity identity)
            throws Exception {
        Checkpoint checkpoint =
                SignedCheckpoint.parse(proof.getCheckpoint())
                        .verify(
                                NoteKey.of(identity.logOrigin(), identity.signingSpki()),
                                WitnessQuorum.NONE);
        assertThat(
                        MerkleProofs.verifyInclusion(
                                MerkleTree.leafHash(proof.getLeaf().toByteArray()),
                                proof.getLeafIndex(),
                                checkpoint.size(),
                                digests(proof.getPathList()),
                                checkpoint.root()))
                .isTrue();
        return checkpoint;
    }

    private static List<Digest> digests(List<ByteString> hashes) {
        return hashes.stream().map(hash -> Digest.of(hash.toByteArray())).toList();
    }

    private static X509Certificate certificate(RequestLeaseResponse response, int index) {
        return CertificateAuthority.parse(response.getTlsChain(index).toByteArray());
    }

    @Test
    void refusesANonceThatWasUsed() {
        var node = new TestNode(owner);
        RequestLeaseRequest.Builder request = node.request(version, policies);
        node.ask(request);
        Refusal.of(() -> node.ask(request)).byRule("nonce.unknown");
    }

    @Test
    void refusesANonceThatARefusalUsedUp() {
        var node = new TestNode(owner);
        RequestLeaseRequest.Builder request = node.request(version, policies);
        RequestLeaseRequest.Builder bad =
                request.clone().setManifestDigest(ByteString.copyFrom(OTHER_32));
        Refusal.of(() -> node.ask(bad)).byRule("version.manifest");
        Refusal.of(() -> node.ask(request)).byRule("nonce.unknown");
    }

    @Test
    void refusesANonceThatItNeverGave() {
        var node = new TestNode(owner);
        byte[] nonce = OTHER_32;
        var evidence =
                node.evidence(
                        node.guest(), node.transcript(Role.RELEASE, version, policies, nonce));
        Refusal.of(() -> node.ask(node.request(version, policies, nonce, evidence)))
                .byRule("nonce.stale");
    }

    @Test
    void refusesAMissingNonce() {
        var node = new TestNode(owner);
        Refusal.of(() -> node.ask(node.request(version, policies).setNonce(ByteString.EMPTY)))
                .isFor(Reason.REQUEST_MALFORMED);
    }

    @Test
    void refusesTheNonceOfAnotherNode() {
        var node = new TestNode(owner);
        var other = new TestNode(owner);
        byte[] nonce = other.nonce();
        var evidence =
                node.evidence(
                        node.guest(), node.transcript(Role.RELEASE, version, policies, nonce));
        Refusal.of(() -> node.ask(node.request(version, policies, nonce, evidence)))
                .byRule("nonce.unknown");
        var own =
                other.evidence(
                        other.guest(), other.transcript(Role.RELEASE, version, policies, nonce));
        other.ask(other.request(version, policies, nonce, own)); // it is still the other's to use
    }

    @Test
    void refusesAnExpiredNonce() {
        var node = new TestNode(owner);
        RequestLeaseRequest.Builder request = node.request(version, policies);
        vault.clock.advance(Duration.ofMinutes(3));
        Refusal.of(() -> node.ask(request)).byRule("challenge.expired");
    }

    @Test
    void refusesEvidenceThatIsForServing() {
        var node = new TestNode(owner);
        byte[] nonce = node.nonce();
        var serve =
                node.evidence(node.guest(), node.transcript(Role.SERVE, version, policies, nonce));
        Refusal.of(() -> node.ask(node.request(version, policies, nonce, serve)))
                .byRule("binding.report-data");
    }

    @Test
    void refusesAnotherMeasurement() {
        refusesGuest("policy.snp.measurement", guest -> guest.withMeasurement(OTHER_48));
    }

    @Test
    void refusesADebuggableGuest() {
        refusesGuest("snp.policy.debug", dev.strongroom.testkit.ChipConfig::withDebug);
    }

    @Test
    void refusesAGuestLaunchedForAnotherOwner() {
        refusesGuest("binding.host-data", guest -> guest.withHostData(OTHER_32));
    }

    private static void refusesGuest(
            String rule, java.util.function.UnaryOperator<dev.strongroom.testkit.ChipConfig> bend) {
        var node = new TestNode(owner);
        byte[] nonce = node.nonce();
        var evidence =
                node.evidence(
                        bend.apply(node.guest()),
                        node.transcript(Role.RELEASE, version, policies, nonce));
        Refusal.of(() -> node.ask(node.request(version, policies, nonce, evidence))).byRule(rule);
    }

    @Test
    void refusesAChipUnderAnotherRoot() throws Exception {
        var node = new TestNode(owner);
        var stranger = SoftwareChip.create(new SecureRandom(), InstantSource.system());
        byte[] nonce = node.nonce();
        var evidence =
                stranger.guest(node.guest())
                        .evidence(
                                node.transcript(Role.RELEASE, version, policies, nonce)
                                        .reportData());
        Refusal refusal =
                Refusal.of(() -> node.ask(node.request(version, policies, nonce, evidence)))
                        .isFor(Reason.RELEASE_REFUSED);
        assertThat(refusal.info().getMetadataOrThrow("rule")).startsWith("snp.");
    }

    @Test
    void refusesAKemKeyThatTheEvidenceDoesNotSpeakFor() throws Exception {
        var node = new TestNode(owner);
        var generator = java.security.KeyPairGenerator.getInstance("RSA");
        generator.initialize(3072);
        byte[] rogue = generator.generateKeyPair().getPublic().getEncoded();
        Refusal.of(() ->
                        node.ask(
                                node.request(version, policies)
                                        .setKemSpki(ByteString.copyFrom(rogue))))
                .byRule("binding.report-data");
    }

    @Test
    void refusesATlsKeyThatTheEvidenceDoesNotSpeakFor() {
        var node = new TestNode(owner);
        KeyPair rogue = TestIdentity.newKey();
        Refusal.of(() ->
                        node.ask(
                                node.request(version, policies)
                                        .setTlsSpki(
                                                ByteString.copyFrom(rogue.getPublic().getEncoded()))
                                        .setTlsCsr(ByteString.copyFrom(TestIdentity.csr(rogue)))))
                .byRule("binding.report-data");
    }

    @Test
    void refusesASigningRequestForAnotherKey() {
        var node = new TestNode(owner);
        KeyPair rogue = TestIdentity.newKey();
        Refusal.of(() ->
                        node.ask(
                                node.request(version, policies)
                                        .setTlsCsr(ByteString.copyFrom(TestIdentity.csr(rogue)))))
                .byRule("tls.possession");
    }

    @Test
    void refusesANodeThatSawAnotherPolicy() {
        var node = new TestNode(owner);
        var other = new Policies(policies.release(), version.manifest().digest());
        Refusal.of(() -> node.ask(node.request(version, other))).byRule("policy.superseded");
    }

    @Test
    void refusesAVersionThatIsNotCommitted() {
        Sealed pending = owner.seal("bert", new byte[5]);
        owner.begin(pending);
        var node = new TestNode(owner);
        Refusal.of(() -> node.ask(node.request(pending, policies))).byRule("version.unknown");
    }

    @Test
    void saysThatItsLogIsShorterThanTheNodeRemembers() {
        var node = new TestNode(owner);
        Refusal.of(() -> node.ask(node.request(version, policies).setLastCheckpointSize(1_000_000)))
                .isFor(Reason.LOG_SHORTER);
    }

    @Test
    void logsEveryRefusal() throws Exception {
        var node = new TestNode(owner);
        long before = vault.count("SELECT count(*) FROM audit_leaf");
        Refusal refusal =
                Refusal.of(() ->
                        node.ask(
                                node.request(version, policies)
                                        .setManifestDigest(ByteString.copyFrom(OTHER_32))));
        refusal.byRule("version.manifest");
        assertThat(vault.count("SELECT count(*) FROM audit_leaf")).isGreaterThan(before);
        assertThat(Long.parseLong(refusal.info().getMetadataOrThrow("audit-leaf")))
                .isGreaterThanOrEqualTo(before);
    }
}
