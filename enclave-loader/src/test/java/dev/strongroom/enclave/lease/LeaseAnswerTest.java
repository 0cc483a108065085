package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.Cosigner;
import dev.strongroom.crypto.transparency.MerkleTree;
import dev.strongroom.crypto.transparency.NoteSignature;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import dev.strongroom.testkit.Changed;
import dev.strongroom.testkit.SoftwareChip;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A vault that lies in one place at a time. */
class LeaseAnswerTest {
    private static final SoftwareChip CHIP =
            SoftwareChip.create(new SecureRandom(), InstantSource.fixed(FakeVault.NOW));
    private static final Digest OTHER = Digest.sha256(new byte[] {1});

    @TempDir private Path folder;
    private FakeVault vault;
    private Version version;
    private Transcript asked;

    @BeforeEach
    void ask() throws Exception {
        vault = new FakeVault(CHIP.anchors(), Map.of("model.onnx", new byte[] {1, 2, 3}));
        ask(folder);
    }

    private void ask(Path memory) throws Exception {
        version =
                Version.verify(
                        vault.version(),
                        vault.ownerId(),
                        FakeVault.MODEL,
                        0,
                        new NodeMemory(memory),
                        vault.verifier(),
                        FakeVault.NOW);
        byte[] nonce = new byte[Transcript.NONCE_BYTES];
        nonce[0] = 9;
        asked =
                new Transcript(
                        Role.RELEASE,
                        nonce,
                        new byte[] {2},
                        TestKeys.p256().getPublic().getEncoded(),
                        vault.identity.signingKeyId(),
                        NodeOwners.alone(vault.ownerId()),
                        "acme",
                        vault.manifest.digest(),
                        version.references(),
                        Posture.BASE,
                        new byte[Transcript.BOOT_ID_BYTES]);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    @Test
    void believesAVaultThatAnswersWhatWasAsked() throws Exception {
        var checked = check(vault.answer(asked, 0), Optional.empty());
        assertThat(checked.lease().versionNumber()).isEqualTo(7);
        assertThat(checked.checkpoint().checkpoint().size()).isEqualTo(2);
        assertThat(checked.tlsChain()).hasSize(2);
    }

    @Test
    void believesALogThatGrew() throws Exception {
        Checkpoint before = vault.checkpoint().checkpoint();
        vault.record("policy.set", Map.of());
        vault.record("policy.set", Map.of());
        check(vault.answer(asked, before.size()), Optional.of(before));
    }

    @Test
    void opensNothingThatIsKeptAtALowerLevelThanTheOwnerDemands() throws Exception {
        demands("\"minTrustLevel\":\"software\"", "kept");
        check(vault.answer(asked, 0), Optional.empty());
        demands("\"minTrustLevel\":\"soft-token\"", "kept better");
        refuses(
                "kept at software, the release policy demands at least soft-token",
                Optional.empty());
    }

    @Test
    void opensNoVersionBeforeTheEarliestThatTheOwnerAllows() throws Exception {
        demands("\"minVersion\":7", "late enough");
        check(vault.answer(asked, 0), Optional.empty());
        demands("\"minVersion\":8", "too early");
        refuses("version: 7, the release policy gives none before 8", Optional.empty());
    }

    /** The owner's release policy has one more field, for a node without memory. */
    private void demands(String field, String memory) throws Exception {
        vault.release =
                vault.policy(
                        PolicyReference.Kind.RELEASE,
                        FakeVault.RELEASE_ID,
                        3,
                        FakeVault.MODEL,
                        FakeVault.NOW.plus(Duration.ofDays(1)),
                        FakeVault.RULES.replaceAll("}$", "," + field + "}"));
        ask(folder.resolve(memory));
    }

    @Test
    void opensNothingThatTheOwnersWitnessesDidNotCosign() throws Exception {
        Cosigner first = witness("w.example/1");
        Cosigner second = witness("w.example/2");
        demands(
                "\"witnesses\":{\"threshold\":2,\"keys\":[\"%s\",\"%s\"]}"
                        .formatted(first.key().text(), second.key().text()),
                "witnessed");
        refuses("cosigned by 0", Optional.empty());
        vault.onCheckpoint = plain -> plain.with(line(first, plain));
        refuses("cosigned by 1", Optional.empty());
        vault.onCheckpoint =
                plain -> {
                    var other = new Checkpoint(plain.checkpoint().origin(), 1, OTHER);
                    return plain.with(line(first, plain)).with(second.cosign(other, FakeVault.NOW));
                };
        refuses("cosignature of w.example/2 is not valid", Optional.empty());
        vault.onCheckpoint = plain -> plain.with(line(first, plain)).with(line(second, plain));
        check(vault.answer(asked, 0), Optional.empty());
    }

    private static NoteSignature line(Cosigner witness, SignedCheckpoint checkpoint) {
        return witness.cosign(checkpoint.checkpoint(), FakeVault.NOW);
    }

    private static Cosigner witness(String name) throws Exception {
        return new Cosigner(name, KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
    }

    static Stream<Arguments> forgedLeases() {
        return Stream.of(
                forged("nonce", "nonce", new byte[32]),
                forged("boot id", "bootId", bytes(16)),
                forged("model", "model", ModelName.parse("acme/other")),
                forged("model", "model", ModelName.parse("evil/net")),
                forged("version id", "versionId", VersionId.of(bytes(16))),
                forged("version number", "versionNumber", 8L),
                forged("manifest digest", "manifestDigest", OTHER),
                forged("policies", l -> Changed.with(l, "policies", l.policies().reversed())),
                forged("policies", "policies", List.of()),
                forged("tee", "tee", Tee.SEV_SNP),
                forged("attestation root", "rootFingerprint", OTHER),
                forged("trust level", "trustLevel", TrustLevel.HSM),
                forged("release key", "kemKeyDigest", OTHER),
                forged("TLS key", "tlsKeyDigest", OTHER),
                forged("time", "notAfter", FakeVault.NOW),
                forged("time", "notAfter", FakeVault.NOW.minus(Duration.ofHours(1))),
                forged("end", "notAfter", FakeVault.NOW.plus(Duration.ofDays(400))),
                forged("not-after", "notAfter", FakeVault.NOW.plus(Duration.ofHours(2))),
                forged("max-inferences", "maxInferences", 1001L),
                forged("count", "maxInferences", 0L),
                forged("count", "maxInferences", FakeVault.MAX_INFERENCES + 1),
                forged(
                        "another leaf",
                        l -> Changed.with(Changed.with(l, "releaseLeaf", 0L), "auditLeaf", 0L)));
    }

    @ParameterizedTest(name = "{0} {index}")
    @MethodSource("forgedLeases")
    void refusesALeaseThatAnswersSomethingElse(String field, UnaryOperator<Lease> forgery) {
        vault.onLease = forgery;
        refuses(field, Optional.empty());
    }

    @Test
    void refusesALeaseOfAnotherVault() throws Exception {
        var stranger = TestKeys.p256();
        var lease = new Lease[1];
        vault.onLease =
                l -> {
                    lease[0] = l;
                    return l;
                };
        vault.onAnswer =
                answer -> {
                    try {
                        return answer.setLease(
                                ByteString.copyFrom(lease[0].sign(P256.signer(stranger)).encode()));
                    } catch (SignatureException e) {
                        throw new IllegalStateException(e);
                    }
                };
        refuses("lease", Optional.empty());
    }

    @Test
    void refusesAReplayedLease() throws Exception {
        var old = vault.answer(asked, 0);
        var again =
                new Transcript(
                        Role.RELEASE,
                        bytes(32),
                        asked.kemSpki(),
                        asked.tlsSpki(),
                        asked.vaultKeyId(),
                        asked.owners(),
                        asked.tenant(),
                        asked.manifestDigest(),
                        asked.policies(),
                        asked.posture(),
                        asked.bootId());
        assertThatThrownBy(() ->
                        new LeaseAnswer(question(again), version, vault.identity, vault.anchors)
                                .check(LeaseAnswer.Said.of(old), Optional.empty(), FakeVault.NOW))
                .isInstanceOf(LeaseException.class)
                .hasMessageContaining("nonce");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model",
                "version-id",
                "number",
                "manifest",
                "owner",
                "nonce",
                "boot-id",
                "kem-key",
                "tls-key",
                "release-policy",
                "output-policy",
                "tee",
                "attestation-root",
                "trust-level",
                "kek",
                "posture",
                "not-after",
                "max-inferences"
            })
    void refusesALogRecordOfAnotherRelease(String field) {
        vault.onRecord = record -> with(record, field, "0");
        refuses("release record", Optional.empty());
        vault.onRecord = record -> without(record, field);
        refuses("release record", Optional.empty());
    }

    @Test
    void refusesALogRecordOfAnotherTime() {
        vault.onRecord =
                record ->
                        new AuditRecord(
                                record.type(),
                                record.time().plusMillis(1),
                                record.actor(),
                                record.fields());
        refuses("its time is not", Optional.empty());
    }

    @Test
    void refusesALogRecordThatIsNoRelease() {
        vault.onRecord =
                record ->
                        new AuditRecord(
                                AuditRecord.RELEASE_REFUSED,
                                record.time(),
                                record.actor(),
                                record.fields());
        refuses("release record", Optional.empty());
    }

    @Test
    void refusesAReleaseThatTheLogDoesNotContain() {
        changesProof(proof -> proof.clearPath(), "does not contain");
        changesProof(proof -> proof.setPath(0, ByteString.copyFrom(bytes(32))), "does not contain");
        changesProof(proof -> proof.setPath(0, ByteString.copyFrom(bytes(31))), "32 bytes");
        changesProof(
                proof -> {
                    for (int i = 0; i < 70; i++) {
                        proof.addPath(ByteString.copyFrom(bytes(32)));
                    }
                    return proof;
                },
                "at most 64");
        changesProof(proof -> proof.setLeaf(ByteString.copyFromUtf8("leaf")), "does not contain");
        changesProof(proof -> proof.setLeafIndex(0), "another leaf");
        changesProof(proof -> proof.clearCheckpoint(), "checkpoint");
    }

    @Test
    void refusesACheckpointThatTheVaultDidNotSign() throws Exception {
        var stranger = P256.signer(TestKeys.p256());
        changesProof(
                proof -> {
                    try {
                        var claimed = SignedCheckpoint.parse(proof.getCheckpoint()).checkpoint();
                        return proof.setCheckpoint(SignedCheckpoint.sign(claimed, stranger).note());
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                "checkpoint");
        changesProof(
                proof -> {
                    try {
                        var claimed = SignedCheckpoint.parse(proof.getCheckpoint()).checkpoint();
                        var other = new Checkpoint("other.log", claimed.size(), claimed.root());
                        return proof.setCheckpoint(
                                SignedCheckpoint.sign(other, P256.signer(vault.signing)).note());
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                "origin");
    }

    @Test
    void refusesAResultTokenOfAnotherLeaseOrVault() throws Exception {
        String[] earlier = new String[1];
        vault.onResult =
                token -> {
                    earlier[0] = token;
                    return token;
                };
        check(vault.answer(asked, 0), Optional.empty());
        vault.onResult = _ -> earlier[0];
        refuses("result token: it is of another lease", Optional.empty());
        vault.onResult = token -> token.substring(0, token.length() - 4) + "AAAA";
        refuses("not signed by the pinned vault", Optional.empty());
        vault.onResult = _ -> "";
        refuses("three parts", Optional.empty());
    }

    @Test
    void refusesALogThatWasRolledBack() throws Exception {
        vault.record("policy.set", Map.of());
        vault.record("policy.set", Map.of());
        vault.record("policy.set", Map.of());
        Checkpoint before = vault.checkpoint().checkpoint();
        vault.log = new MerkleTree();
        refuses("rolled back", Optional.of(before));
    }

    @Test
    void refusesALogWithAnotherPast() throws Exception {
        vault.record("policy.set", Map.of());
        Checkpoint before = vault.checkpoint().checkpoint();
        vault.log = new MerkleTree();
        vault.record("other", Map.of());
        vault.record("other", Map.of("x", "y"));
        vault.record("other", Map.of());
        refuses("does not continue", Optional.of(before));
    }

    @Test
    void refusesALogWhoseContinuityIsNotShown() throws Exception {
        vault.record("policy.set", Map.of());
        vault.record("policy.set", Map.of());
        Checkpoint before = vault.checkpoint().checkpoint();
        vault.record("policy.set", Map.of());
        vault.onAnswer = answer -> answer.clearConsistency();
        refuses("does not continue", Optional.of(before));
    }

    @Test
    void refusesACertificateOfAnotherKeyOrIssuer() throws Exception {
        var other = TestKeys.p256();
        var end = FakeVault.NOW.plus(Duration.ofHours(1));
        changesChain(vault.certificate("CN=node", other.getPublic(), end, false), "another key");
        try (var stranger = new FakeVault(CHIP.anchors(), Map.of("model.onnx", new byte[] {1}))) {
            changesChain(
                    stranger.certificate("CN=node", other.getPublic(), end, false), "not a valid");
            vault.onAnswer =
                    answer -> answer.setTlsChain(1, ByteString.copyFrom(encoded(stranger.ca)));
            refuses("issuer", Optional.empty());
        }
        vault.onAnswer = answer -> answer.clearTlsChain();
        refuses("a leaf and the vault's CA", Optional.empty());
        vault.onAnswer = answer -> answer.setTlsChain(0, ByteString.copyFromUtf8("x"));
        refuses("TLS certificate", Optional.empty());
    }

    private void changesChain(X509Certificate leaf, String message) {
        vault.onAnswer = answer -> answer.setTlsChain(0, ByteString.copyFrom(encoded(leaf)));
        refuses(message, Optional.empty());
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    private void changesProof(UnaryOperator<InclusionProof.Builder> change, String message) {
        vault.onAnswer =
                answer -> answer.setProof(change.apply(answer.getProof().toBuilder()).build());
        refuses(message, Optional.empty());
    }

    private void refuses(String message, Optional<Checkpoint> remembered) {
        assertThatThrownBy(() ->
                        check(
                                vault.answer(asked, remembered.map(Checkpoint::size).orElse(0L)),
                                remembered))
                .isInstanceOfSatisfying(
                        LeaseException.class,
                        e -> assertThat(e.kind()).isEqualTo(LeaseException.Kind.INTEGRITY))
                .hasMessageContaining(message);
    }

    private LeaseAnswer.Checked check(RequestLeaseResponse answer, Optional<Checkpoint> remembered)
            throws LeaseException {
        return new LeaseAnswer(question(asked), version, vault.identity, vault.anchors)
                .check(LeaseAnswer.Said.of(answer), remembered, FakeVault.NOW);
    }

    /** The node nonce that the test's vault repeats. */
    private static Question question(Transcript asked) {
        return new Question(asked, new byte[32], 0, Optional.empty());
    }

    private static Arguments forged(String complaint, String component, Object value) {
        return forged(complaint, lease -> Changed.with(lease, component, value));
    }

    private static Arguments forged(String complaint, UnaryOperator<Lease> forgery) {
        return Arguments.of(complaint, forgery);
    }

    private static AuditRecord with(AuditRecord record, String field, String value) {
        var fields = new TreeMap<>(record.fields());
        fields.put(field, value);
        return new AuditRecord(record.type(), record.time(), record.actor(), fields);
    }

    private static AuditRecord without(AuditRecord record, String field) {
        var fields = new TreeMap<>(record.fields());
        fields.remove(field);
        return new AuditRecord(record.type(), record.time(), record.actor(), fields);
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        bytes[0] = 77;
        return bytes;
    }
}
