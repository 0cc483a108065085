package dev.strongroom.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.agent.World.Pushed;
import dev.strongroom.attestation.Challenge;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.Verdict;
import dev.strongroom.crypto.Version;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.PartRevocation;
import dev.strongroom.crypto.open.ReleaseKey;
import dev.strongroom.proto.v1.AddPartRequest;
import dev.strongroom.proto.v1.DescribeAgentRequest;
import dev.strongroom.proto.v1.OwnerAgentGrpc;
import dev.strongroom.proto.v1.ReleasePartRequest;
import dev.strongroom.proto.v1.ReleasePartResponse;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.ChipPolicy;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an agent gives to whom, asked through its real endpoint. */
class PartReleaseTest {
    @TempDir Path folder;
    private World world;

    @BeforeEach
    void start() throws Exception {
        world = World.in(folder);
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    private ReleasePartResponse release(ReleasePartRequest request) {
        return world.stub().releasePart(request);
    }

    /** Refused by a rule of this name, and told nothing of it. */
    private void assertRefused(String rule, ReleasePartRequest request) throws Exception {
        assertDenied(
                rule, catchThrowableOfType(StatusRuntimeException.class, () -> release(request)));
    }

    private void assertDenied(String rule, StatusRuntimeException said) throws Exception {
        assertThat(said.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(said.getStatus().getDescription())
                .isEqualTo(
                        "refused by decision "
                                + (world.log().size() - 1)
                                + "; the agent's owner finds the rule in its log");
        assertThat(world.log().getLast().type()).isEqualTo(Records.REFUSED);
        assertThat(world.lastRule()).isEqualTo(rule);
    }

    @Test
    void anAttestedNodeGetsThePartAndTheLogSaysToWhom() throws Exception {
        Pushed pushed = world.push();
        ReleasePartResponse answer = release(world.request(pushed));
        assertThat(answer.getWrappedPart().size()).isEqualTo(384);
        var record = world.log().get((int) answer.getDecision());
        assertThat(record.type()).isEqualTo(Records.PART_RELEASED);
        assertThat(record.fields())
                .containsEntry("version-id", pushed.manifest().content().versionId().hex())
                .containsEntry("manifest", pushed.manifest().digest().hex())
                .containsEntry("measurement", HexFormat.of().formatHex(World.MEASUREMENT))
                .containsEntry("kem-key", Digest.sha256(World.KEM.spki()).hex());
    }

    @Test
    void whatComesOutOpensTheVersionTogetherWithT() throws Exception {
        try (var fromVault = ReleaseKey.generate();
                var fromAgent = ReleaseKey.generate()) {
            Pushed pushed = world.seal(world.owner, world.id, fromVault.spki());
            world.stub().addPart(world.part(pushed));
            ReleasePartResponse answer =
                    release(
                            world.request(
                                    pushed,
                                    world.policies(),
                                    world.guest(),
                                    Role.PART,
                                    fromAgent.spki()));
            try (var part = fromAgent.openPart(answer.getWrappedPart().toByteArray())) {
                fromVault
                        .open(pushed.t(), pushed.manifest(), part)
                        .close(); // checks the commitment
            }
        }
    }

    @Test
    void aKeyThatTheEvidenceDoesNotNameGetsNothing() throws Exception {
        Pushed pushed = world.push();
        try (var other = ReleaseKey.generate()) {
            assertRefused(
                    "binding.report-data",
                    world.request(pushed).toBuilder()
                            .setKemSpki(World.bytes(other.spki()))
                            .build());
        }
    }

    @ParameterizedTest
    @EnumSource(value = Role.class, mode = EnumSource.Mode.EXCLUDE, names = "PART")
    void evidenceOfAnotherRoleIsRefused(Role role) throws Exception {
        Pushed pushed = world.push();
        assertRefused(
                "binding.report-data",
                world.request(pushed, world.policies(), world.guest(), role));
    }

    /** The other way round: what was made for the agent gets nothing from a vault. */
    @Test
    void evidenceForTheAgentIsNotEvidenceForAVault() throws Exception {
        Pushed pushed = world.push();
        byte[] nonce = world.nonce();
        var policies = world.policies();
        Transcript forAgent = world.transcript(Role.PART, nonce, pushed, policies);
        Transcript forVault = world.transcript(Role.RELEASE, nonce, pushed, policies);
        var verdict =
                new EvidenceVerifier(World.chip().anchors(), InstantSource.system())
                        .verify(
                                World.evidence(world.guest(), forAgent),
                                Challenge.release(forVault, Instant.MAX),
                                ChipPolicy.of(World.MEASUREMENT));
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused -> assertThat(refused.rule()).isEqualTo("binding.report-data"));
        assertThatThrownBy(() -> Challenge.release(forAgent, Instant.MAX))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRequestCountsOnce() throws Exception {
        ReleasePartRequest request = world.request(world.push());
        release(request);
        assertRefused("nonce.unknown", request);
    }

    @Test
    void aNonceIsForOneReleaseWhateverWasRefusedBefore() throws Exception {
        Pushed pushed = world.push();
        ReleasePartRequest good = world.request(pushed);
        assertRefused(
                "binding.report-data",
                good.toBuilder().setBootId(World.bytes(filled(16, 1))).build());
        release(good);
        assertRefused("nonce.unknown", good);
    }

    @Test
    void noNonceOutlivesTheProcess() throws Exception {
        ReleasePartRequest request = world.request(world.push());
        world.restart();
        assertRefused("nonce.unknown", request);
    }

    @Test
    void anotherOwnersPolicyIsRefused() throws Exception {
        Pushed pushed = world.push();
        assertRefused(
                "policy.owner",
                world.request(pushed, world.policies(Version.p256(), 1), world.guest(), Role.PART));
    }

    @Test
    void anotherOwnersVersionIsRefused() throws Exception {
        KeyPair other = Version.p256();
        assertRefused("manifest.owner", world.request(world.seal(other, world.id)));
    }

    @Test
    void aVersionWhoseSplitWasTakenAwayIsRefused() throws Exception {
        Pushed pushed = world.push();
        Version whole =
                Version.seal(
                        world.owner,
                        Version.identity(world.owner, OaepHash.SHA256),
                        World.KEM.spki(),
                        Map.of("model.onnx", "weights".getBytes(StandardCharsets.UTF_8)));
        var request = world.request(pushed).toBuilder();
        assertRefused(
                "manifest.split",
                request.setManifest(World.bytes(whole.manifest().encode())).build());
        byte[] stripped = pushed.encoded();
        // u8 suite follows the content statement's domain: 4 becomes 2, and the signature is off
        int at = indexOf(stripped, "strongroom/content".getBytes(StandardCharsets.US_ASCII)) + 18;
        assertThat(stripped[at]).isEqualTo((byte) 4);
        stripped[at] = 2;
        assertRefused(
                "manifest.owner",
                world.request(pushed).toBuilder().setManifest(World.bytes(stripped)).build());
    }

    @Test
    void aVersionOfAnotherAgentIsRefused() throws Exception {
        Pushed elsewhere = world.seal(world.owner, Digest.sha256(new byte[] {9}));
        assertRefused("manifest.agent", world.request(elsewhere));
    }

    @Test
    void aVersionWithoutAPartHereIsRefused() throws Exception {
        assertRefused("part.unknown", world.request(world.seal()));
    }

    @Test
    void guestsThatThePolicyOrTheFloorForbidAreRefused() throws Exception {
        Pushed pushed = world.push();
        ChipConfig good = world.guest();
        assertRefused("snp.policy.debug", asking(pushed, good.withDebug()));
        assertRefused(
                "policy.snp.measurement", asking(pushed, good.withMeasurement(filled(48, 1))));
        assertRefused("binding.host-data", asking(pushed, good.withHostData(filled(32, 1))));
    }

    @Test
    void aNodeOfSeveralOwnersGetsAPartWhereThePolicyNamesThem() throws Exception {
        Pushed pushed = world.push();
        Digest other = Digest.sha256(new byte[] {1});
        Digest third = Digest.sha256(new byte[] {2});
        world.coOwners = Set.of(other);
        assertRefused("policy.co-owners", world.request(pushed));
        world.named = Set.of(other);
        release(world.request(pushed));
        assertThat(world.log().getLast().fields()).containsEntry("co-owners", other.hex());

        assertRefused(
                "binding.report-data", world.request(pushed).toBuilder().clearCoOwners().build());
        world.coOwners = Set.of(other, third);
        assertRefused("policy.co-owners", world.request(pushed));
        ReleasePartRequest two = world.request(pushed);
        assertRefused(
                "request.co-owners",
                two.toBuilder()
                        .clearCoOwners()
                        .addAllCoOwners(two.getCoOwnersList().reversed())
                        .build());
        world.coOwners = Set.of();
        assertRefused(
                "binding.host-data",
                asking(
                        pushed,
                        world.guest()
                                .withHostData(
                                        NodeOwners.among(world.ownerId, Set.of(other))
                                                .hostData()
                                                .bytes())));
    }

    private ReleasePartRequest asking(Pushed pushed, ChipConfig guest) throws Exception {
        return world.request(pushed, world.policies(), guest, Role.PART);
    }

    @Test
    void anOlderPolicyIsRefusedOnceANewerOneWasSeenAlsoAfterARestart() throws Exception {
        Pushed pushed = world.push();
        release(world.request(pushed, world.policies(world.owner, 2), world.guest(), Role.PART));
        assertRefused("policy.superseded", world.request(pushed));
        world.restart();
        assertRefused("policy.superseded", world.request(pushed));
    }

    @ParameterizedTest
    @EnumSource
    void whatTheOwnerRevokedGetsNothingMoreAlsoAfterARestart(PartRevocation.Kind kind)
            throws Exception {
        Pushed pushed = world.push();
        release(world.request(pushed));
        String subject =
                switch (kind) {
                    case VERSION -> pushed.manifest().content().versionId().hex();
                    case CHIP -> HexFormat.of().formatHex(world.guest().chipId());
                    case MEASUREMENT -> HexFormat.of().formatHex(World.MEASUREMENT);
                };
        world.stub().revokePart(world.revocation(kind, subject, world.owner));
        assertRefused("revocation." + kind.label(), world.request(pushed));
        world.restart();
        assertRefused("revocation." + kind.label(), world.request(pushed));
    }

    @Test
    void nobodyButTheOwnerRevokesOrAddsAPart() throws Exception {
        KeyPair stranger = Version.p256();
        var revocation = world.revocation(PartRevocation.Kind.VERSION, "00".repeat(16), stranger);
        assertDenied(
                "revocation.owner",
                catchThrowableOfType(
                        StatusRuntimeException.class, () -> world.stub().revokePart(revocation)));
        Pushed pushed = world.seal();
        AddPartRequest part = world.part(pushed, stranger);
        assertDenied(
                "part.owner",
                catchThrowableOfType(
                        StatusRuntimeException.class, () -> world.stub().addPart(part)));
        assertRefused("part.unknown", world.request(pushed));
    }

    @Test
    void aPartIsTakenOnceAndAnotherOneOfTheVersionNever() throws Exception {
        Pushed pushed = world.seal();
        AddPartRequest part = world.part(pushed);
        world.stub().addPart(part);
        int decisions = world.log().size();
        world.stub().addPart(part);
        assertThat(world.log()).hasSize(decisions);
        var other =
                world.part(
                        new Pushed(
                                pushed.manifest(),
                                pushed.t(),
                                world.seal().sealedPart(),
                                pushed.sealedFile()));
        assertDenied(
                "part.exists",
                catchThrowableOfType(
                        StatusRuntimeException.class, () -> world.stub().addPart(other)));
    }

    @Test
    void aPartThatIsNotEncryptedToThisAgentIsRefused() throws Exception {
        Pushed pushed = world.seal();
        byte[] damaged = pushed.sealedPart().clone();
        damaged[200] ^= 1;
        var part =
                world.part(new Pushed(pushed.manifest(), pushed.t(), damaged, pushed.sealedFile()));
        assertDenied(
                "part.key",
                catchThrowableOfType(
                        StatusRuntimeException.class, () -> world.stub().addPart(part)));
    }

    @Test
    void whoIsRefusedTooOftenIsNotLookedAtAndFillsNoDisk() throws Exception {
        Pushed pushed = world.push();
        ReleasePartRequest used = world.request(pushed);
        release(used);
        for (int i = 0; i < Gate.MAX_REFUSALS; i++) {
            assertRefused("nonce.unknown", used);
        }
        long before = world.logBytes().length;
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(() -> release(used))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e ->
                                    assertThat(e.getStatus().getCode())
                                            .isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
        }
        assertThat(world.logBytes().length).isEqualTo((int) before);
    }

    @Test
    void whoeverExpectsAnotherAgentDoesNotTalkToThisOne() throws Exception {
        var channel = world.connect(Digest.sha256(new byte[] {1}));
        try {
            assertThatThrownBy(() ->
                            OwnerAgentGrpc.newBlockingStub(channel)
                                    .describeAgent(DescribeAgentRequest.getDefaultInstance()))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e ->
                                    assertThat(e.getStatus().getCode())
                                            .isEqualTo(Status.Code.UNAVAILABLE));
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void sizesAreCheckedBeforeAnythingElse() throws Exception {
        ReleasePartRequest good = world.request(world.push());
        int decisions = world.log().size();
        for (ReleasePartRequest bad :
                List.of(
                        good.toBuilder().setNonce(World.bytes(new byte[31])).build(),
                        good.toBuilder().setKemSpki(World.bytes(new byte[1025])).build(),
                        good.toBuilder().clearManifest().build(),
                        good.toBuilder().setPosture(9).build())) {
            assertThatThrownBy(() -> release(bad))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e ->
                                    assertThat(e.getStatus().getCode())
                                            .isEqualTo(Status.Code.INVALID_ARGUMENT));
        }
        assertThat(world.log()).hasSize(decisions);
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static int indexOf(byte[] in, byte[] what) {
        for (int i = 0; i <= in.length - what.length; i++) {
            if (Arrays.equals(in, i, i + what.length, what, 0, what.length)) {
                return i;
            }
        }
        throw new AssertionError("not found");
    }
}
