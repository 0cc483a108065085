package dev.strongroom.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.ServingNonce;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.policy.ReleasePolicy;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.transparency.Cosigner;
import dev.strongroom.crypto.transparency.NonceBatch;
import dev.strongroom.proto.v1.GetEvidenceResponse;
import dev.strongroom.proto.v1.Policies;
import dev.strongroom.testkit.SoftwareChip;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeVerifierTest {
    private static final byte[] NONCE = nonce(1);

    @TempDir Path folder;
    private TestNode node;

    @BeforeEach
    void launch() throws Exception {
        node = new TestNode(folder);
    }

    @Test
    void believesANodeThatProvesEverything() throws Exception {
        NodeProof proof = verify(node.answer(NONCE));

        assertThat(proof.version()).isEqualTo(1);
        assertThat(proof.manifestDigest()).isEqualTo(node.manifest.digest());
        assertThat(proof.attested().claims().tee()).isEqualTo(Tee.SIMULATED);
        assertThat(proof.attested().value().tlsSpki()).isEqualTo(node.peerSpki);
    }

    @Test
    void refusesEvidenceOverAnotherNonce() throws Exception {
        assertRefused(node.answer(nonce(2)), "this caller's nonce is not in it");
    }

    @Test
    void refusesABatchThatTheEvidenceDoesNotSpeakFor() throws Exception {
        byte[] leaf = ServingNonce.onPeerKey(NONCE);
        var mine = new NonceBatch(List.of(leaf));
        assertRefused(
                node.answer(nonce(2))
                        .setBatch(
                                dev.strongroom.proto.v1.NonceBatch.newBuilder()
                                        .setRoot(ByteString.copyFrom(mine.root()))
                                        .setSize(1)),
                "binding.report-data");
        assertRefused(
                node.answer(NONCE)
                        .setBatch(
                                dev.strongroom.proto.v1.NonceBatch.newBuilder()
                                        .setRoot(ByteString.copyFrom(leaf))
                                        .setSize(1)),
                "this caller's nonce is not in it");
        assertRefused(node.answer(NONCE).clearBatch(), "batch of nonces");
    }

    @Test
    void refusesEvidenceMadeForARelease() throws Exception {
        node.role = Role.RELEASE;

        assertRefused(node.answer(NONCE), "binding.report-data");
    }

    @Test
    void refusesAPeerWhoseKeyIsNotTheAttestedOne() throws Exception {
        byte[] other = P256.newKeyPair(new SecureRandom()).getPublic().getEncoded();
        GetEvidenceResponse answer = node.answer(NONCE).build();

        assertThatThrownBy(() -> verify(answer, node.target(), other))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("TLS key");
    }

    @Test
    void refusesAPeerThatClaimsItsOwnKeyBesideForwardedEvidence() throws Exception {
        byte[] other = P256.newKeyPair(new SecureRandom()).getPublic().getEncoded();
        node.shownTlsSpki = other;
        node.leaseTlsSpki = other;
        GetEvidenceResponse answer = node.answer(NONCE).build();

        assertThatThrownBy(() -> verify(answer, node.target(), other))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("binding.report-data");
    }

    @Test
    void refusesAReleaseThatTheOwnersWitnessesDidNotCosign() throws Exception {
        var witness =
                new Cosigner(
                        "w.example/1", KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
        node.release =
                demanding(
                        "\"witnesses\":{\"threshold\":1,\"keys\":[\"%s\"]}"
                                .formatted(witness.key().text()));
        assertRefused(node.answer(NONCE), "cosigned by 0");
        node.vault.onProof = plain -> plain.with(witness.cosign(plain.checkpoint(), Instant.EPOCH));
        verify(node.answer(NONCE));
    }

    @Test
    void refusesALeaseOfAKeyThatIsKeptAtALowerLevelThanTheOwnerDemands() throws Exception {
        node.release = demanding("\"minTrustLevel\":\"soft-token\"");
        verify(node.answer(NONCE));
        node.follow(
                new String(demanding("\"minTrustLevel\":\"hsm\"").body(), StandardCharsets.UTF_8));
        assertRefused(node.answer(NONCE), "demands at least hsm");
    }

    @Test
    void refusesALeaseOfAVersionBeforeTheEarliestThatTheOwnerAllows() throws Exception {
        node.release = demanding("\"minVersion\":1");
        verify(node.answer(NONCE));
        node.follow(new String(demanding("\"minVersion\":99").body(), StandardCharsets.UTF_8));
        assertRefused(node.answer(NONCE), "none before 99");
    }

    private static PolicyDocument demanding(String field) {
        return TestNode.policy(
                Kind.RELEASE,
                TestNode.RELEASE_ID,
                TestNode.releaseBody(TestNode.MEASUREMENT).replaceAll("}$", "," + field + "}"));
    }

    @Test
    void refusesADebuggableGuest() throws Exception {
        node.config = node.config.withDebug();

        assertRefused(node.answer(NONCE), "snp.policy.debug");
    }

    @Test
    void refusesAGuestOfAnotherOwner() throws Exception {
        node.config = node.config.withHostData(new byte[32]);

        assertRefused(node.answer(NONCE), "binding.host-data");
    }

    @Test
    void refusesAMeasurementThatTheOwnersPolicyDoesNotName() throws Exception {
        byte[] measurement = TestNode.MEASUREMENT.clone();
        measurement[0] = 1;
        node.config = node.config.withMeasurement(measurement);

        assertRefused(node.answer(NONCE), "refused by rule");
    }

    @Test
    void theCallersOwnPolicyDecidesWhenGiven() throws Exception {
        byte[] wanted = TestNode.MEASUREMENT.clone();
        wanted[0] = 1;
        var own =
                ReleasePolicy.parse(TestNode.releaseBody(wanted).getBytes(StandardCharsets.UTF_8));
        var target =
                new NodeTarget(
                        node.consumer,
                        "localhost:1",
                        Optional.empty(),
                        node.vault.pin(),
                        TestNode.MODEL,
                        VersionDemand.ANY,
                        Optional.of(own));
        GetEvidenceResponse answer = node.answer(NONCE).build();

        assertThatThrownBy(() -> verify(answer, target, node.peerSpki))
                .hasMessageContaining("refused by rule");
    }

    @Test
    void refusesAChipOfAnotherRoot() throws Exception {
        GetEvidenceResponse.Builder answer = node.answer(NONCE);
        var otherChip = SoftwareChip.create(new SecureRandom(), InstantSource.system());
        var stranger = new TestNode(folder.resolve("stranger"), otherChip);

        assertRefused(answer.setEvidence(stranger.answer(NONCE).getEvidence()), "refused by rule");
    }

    @Test
    void aProductionClientRefusesTheSimulatedWorld() throws Exception {
        GetEvidenceResponse answer = node.answer(NONCE).build();
        var production =
                new NodeVerifier(
                        node.target(), TrustAnchors.vendors(), InstantSource.system(), node.vault);

        assertThatThrownBy(() -> production.verify(answer, NONCE, Instant.now(), node.peerSpki))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("another attestation root");
    }

    @Test
    void refusesAVaultOfAnotherTestRoot() throws Exception {
        var other = SoftwareChip.create(new SecureRandom(), InstantSource.system()).anchors();

        assertRefused(
                node.answer(NONCE)
                        .setVaultIdentity(
                                ByteString.copyFrom(
                                        node.vault.identityEnvelope(
                                                Tee.SIMULATED, other.fingerprint()))),
                "another attestation root");
    }

    @Test
    void refusesAVaultThatIsNotPinned() throws Exception {
        var other = new TestVault(node.chip.anchors());

        assertRefused(
                node.answer(NONCE).setVaultIdentity(ByteString.copyFrom(other.identityEnvelope())),
                "pinned ceremony key");
    }

    /** The node got its lease before the vault's signing key was replaced, and serves on. */
    @Test
    void believesALeaseFromBeforeAChangeOfTheVaultsKey() throws Exception {
        GetEvidenceResponse.Builder answer = node.answer(NONCE);
        byte[] next = node.vault.nextIdentity();
        remember(next);

        assertRefused(answer, "the vault's last word"); // by the key that was replaced
        answer.setStanding(node.standing(next, node.vault.nextSigner()));
        assertThat(verify(answer).version()).isEqualTo(1);
    }

    /** Who has the old key can also show the identity in which it was the present one. */
    @Test
    void refusesALeaseThatAnEndedKeySignedLater() throws Exception {
        remember(node.vault.nextIdentity());

        assertRefused(node.answer(NONCE), "ended at leaf");
    }

    private void remember(byte[] identity) throws Exception {
        var _ =
                new IdentityMemory(node.consumer)
                        .latest(identity, node.vault.pin(), node.chip.anchors());
    }

    @Test
    void refusesAManifestOfAnotherOwner() throws Exception {
        var stranger = new TestNode(folder.resolve("stranger"));

        assertRefused(
                node.answer(NONCE).setManifest(stranger.answer(NONCE).getManifest()), "owner");
    }

    @Test
    void refusesAManifestWithAnyFlippedByte() throws Exception {
        GetEvidenceResponse answer = node.answer(NONCE).build();
        byte[] manifest = answer.getManifest().toByteArray();
        for (int at = 0; at < manifest.length; at += 7) {
            byte[] flipped = manifest.clone();
            flipped[at] ^= 1;
            assertRefused(answer.toBuilder().setManifest(ByteString.copyFrom(flipped)), "");
        }
    }

    @Test
    void refusesAnotherModel() throws Exception {
        var target =
                new NodeTarget(
                        node.consumer,
                        "localhost:1",
                        Optional.empty(),
                        node.vault.pin(),
                        ModelName.parse("acme/other"),
                        VersionDemand.ANY,
                        Optional.empty());
        GetEvidenceResponse answer = node.answer(NONCE).build();

        assertThatThrownBy(() -> verify(answer, target, node.peerSpki))
                .hasMessageContaining("acme/tiny, not acme/other");
    }

    @Test
    void refusesAVersionBelowTheOneWanted() throws Exception {
        var target =
                new NodeTarget(
                        node.consumer,
                        "localhost:1",
                        Optional.empty(),
                        node.vault.pin(),
                        TestNode.MODEL,
                        VersionDemand.atLeast(2),
                        Optional.empty());
        GetEvidenceResponse answer = node.answer(NONCE).build();

        assertThatThrownBy(() -> verify(answer, target, node.peerSpki))
                .hasMessageContaining("version 1, wanted version 2 or later");
    }

    @Test
    void refusesAPolicyThatWasWithdrawn() throws Exception {
        GetEvidenceResponse old = node.answer(NONCE).build();
        node.follow(TestNode.releaseBody(TestNode.MEASUREMENT));
        verify(node.answer(NONCE));

        assertRefused(old.toBuilder(), "was seen before");
    }

    @Test
    void refusesAPolicyThatComesFromAnotherPast() throws Exception {
        verify(node.answer(NONCE));
        node.release =
                TestNode.policy(
                        Kind.RELEASE,
                        TestNode.RELEASE_ID,
                        TestNode.releaseBody(TestNode.MEASUREMENT) + " ");
        node.follow(TestNode.releaseBody(TestNode.MEASUREMENT));

        assertRefused(node.answer(NONCE), "does not follow from the revision that was seen");
    }

    @Test
    void refusesAPolicyThatItsApproversDidNotAgreeTo() throws Exception {
        String approved =
                TestNode.releaseBody(TestNode.MEASUREMENT)
                        .replaceAll(
                                "}$",
                                ",\"approvals\":{\"threshold\":1,\"approvers\":[\"%s\"]}}"
                                        .formatted("0a".repeat(32)));
        node.follow(approved);

        assertRefused(node.answer(NONCE), "revision 2: it needs approvals and has none");
    }

    @Test
    void refusesAnExpiredPolicy() throws Exception {
        node.release =
                new PolicyDocument(
                        Kind.RELEASE,
                        TestNode.MODEL,
                        TestNode.RELEASE_ID,
                        1,
                        Optional.empty(),
                        Instant.now().minusSeconds(1),
                        node.release.body());

        assertRefused(node.answer(NONCE), "expired");
    }

    @Test
    void refusesAPolicyThatTheOwnerDidNotSign() throws Exception {
        var stranger = new TestNode(folder.resolve("stranger"));
        GetEvidenceResponse.Builder answer = node.answer(NONCE);

        assertRefused(
                answer.setPolicies(
                        Policies.newBuilder(answer.getPolicies())
                                .setRelease(stranger.signed(stranger.release))),
                "release policy");
    }

    @Test
    void refusesToGoWithoutAPolicy() throws Exception {
        GetEvidenceResponse.Builder answer = node.answer(NONCE);

        assertRefused(
                answer.setPolicies(Policies.newBuilder(answer.getPolicies()).clearOutput()),
                "no output policy");
    }

    @Test
    void refusesALeaseThatEnded() throws Exception {
        node.leaseLeft = Duration.ofSeconds(-1);

        assertRefused(node.answer(NONCE), "lease ended");
    }

    @Test
    void refusesALeaseForAnotherTlsKey() throws Exception {
        node.leaseTlsSpki = new byte[91];

        assertRefused(node.answer(NONCE), "lease is for another TLS key");
    }

    @Test
    void refusesALeaseOfAnotherBoot() throws Exception {
        assertRefused(
                node.answer(NONCE).setBootId(ByteString.copyFrom(new byte[] {1})), "another boot");
    }

    @Test
    void refusesALeaseThatTheVaultDidNotSign() throws Exception {
        GetEvidenceResponse.Builder answer = node.answer(NONCE);
        byte[] lease =
                node.lease(List.of(node.reference(node.release)), 0).sign(node.owner).encode();

        assertRefused(answer.setLease(ByteString.copyFrom(lease)), "lease");
    }

    @Test
    void refusesAReleaseThatIsNotInTheLog() throws Exception {
        GetEvidenceResponse.Builder answer = node.answer(NONCE);

        assertRefused(
                answer.setReleaseProof(answer.getReleaseProofBuilder().setLeafIndex(7)),
                "not in the log");
    }

    @Test
    void refusesANodeThatShowsNoWordOfItsVaultOrAnOldOne() throws Exception {
        assertThat(verify(node.answer(NONCE)).notRevokedAt()).isBeforeOrEqualTo(Instant.now());
        assertRefused(node.answer(NONCE).clearStanding(), "shows no word of the vault's");
        node.wordAge = Duration.ofMinutes(6);
        assertRefused(node.answer(NONCE), "expected at most 300 s ago");
    }

    @Test
    void refusesAWordAboutAnotherBootOrOfARevocationOrOfSomebodyElse() throws Exception {
        node.wordBootId = node.bootId.clone();
        node.wordBootId[0] ^= 1;
        assertRefused(node.answer(NONCE), "not that this node's lease is in order");
        node.wordBootId = node.bootId;
        node.word = new Notice.Revoked("revoked.node", "stolen", 9);
        assertRefused(node.answer(NONCE), "not that this node's lease is in order");
        node.word = new Notice.Tick();
        GetEvidenceResponse.Builder answer = node.answer(NONCE);
        byte[] notice = answer.getStanding().getNotice().toByteArray();
        notice[notice.length - 1] ^= 1;
        assertRefused(
                answer.setStanding(
                        answer.getStanding().toBuilder().setNotice(ByteString.copyFrom(notice))),
                "the vault's last word");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rowsPerBoot", "rowsPerLease"})
    void refusesALeaseThatAllowsMoreThanTheOwnersOutputPolicy(String cap) throws Exception {
        String body =
                OutputPolicy.standard()
                        .canonical()
                        .replaceFirst("(\"caps\":.*\"%s\":)[0-9]+".formatted(cap), "$1999");
        node.output = TestNode.policy(Kind.OUTPUT, TestNode.OUTPUT_ID, body);
        assertRefused(node.answer(NONCE), "more inferences than the owner's output policy");
    }

    @Test
    void refusesALeafOfAnotherKind() throws Exception {
        node.leafType = "vault.started";

        assertRefused(node.answer(NONCE), "does not speak of this release");
    }

    @Test
    void refusesALeafOfAnotherVersion() throws Exception {
        node.leafFields.put("manifest", Digest.sha256(new byte[1]).hex());
        node.leafFields.put("evidence", node.manifest.digest().hex()); // elsewhere does not count

        assertRefused(node.answer(NONCE), "its manifest is not the lease's");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model",
                "version-id",
                "number",
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
    void refusesALeafOfAnotherReleaseOfTheVersion(String field) throws Exception {
        node.leafFields.put(field, "0");

        assertRefused(node.answer(NONCE), "its " + field + " is not the lease's");
    }

    @Test
    void refusesALeaseThatIsSaidToBeYoungerThanItsRecord() throws Exception {
        node.leafLate = Duration.ofMinutes(-5);

        assertRefused(node.answer(NONCE), "its time is not the lease's");
    }

    @Test
    void refusesALeaseThatGoesOnAfterAPolicyOfTheOwnerEnds() throws Exception {
        node.leaseLeft = Duration.ofDays(2);

        assertRefused(node.answer(NONCE), "goes on after the owner's policies end");
    }

    private NodeProof verify(GetEvidenceResponse.Builder answer) throws Exception {
        return verify(answer.build(), node.target(), node.peerSpki);
    }

    private NodeProof verify(GetEvidenceResponse answer, NodeTarget target, byte[] peerSpki)
            throws Exception {
        return new NodeVerifier(target, node.chip.anchors(), InstantSource.system(), node.vault)
                .verify(answer, NONCE, Instant.now(), peerSpki);
    }

    private void assertRefused(GetEvidenceResponse.Builder answer, String why) {
        assertThatThrownBy(() -> verify(answer))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining(why)
                .extracting(e -> ((ClientException) e).kind())
                .isEqualTo(ClientException.Kind.VERIFICATION_FAILED);
    }

    private static byte[] nonce(int fill) {
        byte[] nonce = new byte[32];
        Arrays.fill(nonce, (byte) fill);
        return nonce;
    }
}
