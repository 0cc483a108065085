package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.ReleaseRecord;
import dev.strongroom.enclave.posture.Fits;
import dev.strongroom.proto.v1.Policies;
import dev.strongroom.proto.v1.PolicyRevision;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.SoftwareChip;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node of two owners, and a vault that releases to it whatever their policies say: the node
 * itself goes by what the owner signed.
 */
class SharedNodeTest {
    private static final SoftwareChip CHIP =
            SoftwareChip.create(new SecureRandom(), InstantSource.fixed(FakeVault.NOW));
    private static final Instant END = FakeVault.NOW.plus(Duration.ofDays(30));
    private static final Digest OTHER = Digest.sha256(new byte[] {7});

    @TempDir private Path data;
    private FakeVault vault;
    private NodeOwners both;

    @BeforeEach
    void publish() throws Exception {
        vault = new FakeVault(CHIP.anchors(), Map.of("model.onnx", new byte[] {1}));
        both = NodeOwners.among(vault.ownerId(), Set.of(OTHER));
    }

    @AfterEach
    void close() {
        vault.close();
    }

    @Test
    void takesALeaseWhereTheOwnerNamesTheOtherAndSaysWhoIsThere() throws Exception {
        name(OTHER);
        Grant grant = lease(both, both.hostData());
        assertThat(grant.owners()).isEqualTo(both);
        Grant renewed = renewed(grant);
        assertThat(renewed.owners()).isEqualTo(both);
        assertThat(renewed.lease().isRenewal()).isTrue();
        var proof =
                new ServingProof(
                        () -> renewed, Optional::empty, CHIP.guest(launch(both.hostData())));
        assertThat(proof.afterLease(renewed).getCoOwnersList())
                .containsExactly(ByteString.copyFrom(OTHER.bytes()));
    }

    @Test
    void refusesToBeWhereTheOwnerNamesNobody() {
        assertRefused(() -> lease(both, both.hostData()), "policy.co-owners", OTHER.hex());
    }

    @Test
    void refusesToBeWhereTheOwnerNamesSomebodyElse() throws Exception {
        name(Digest.sha256(new byte[] {8}));
        assertRefused(() -> lease(both, both.hostData()), "policy.co-owners", OTHER.hex());
    }

    @Test
    void refusesHostDataThatTheOwnersItIsToldOfDoNotMake() throws Exception {
        name(OTHER);
        assertRefused(() -> lease(both, vault.ownerId()), "launched with host data");
        assertRefused(
                () -> lease(NodeOwners.alone(vault.ownerId()), both.hostData()),
                "launched with host data");
        Digest three = NodeOwners.among(vault.ownerId(), Set.of(OTHER, Digest.sha256())).hostData();
        assertRefused(() -> lease(both, three), "launched with host data");
    }

    @Test
    void aCoOwnerWhomTheOwnerTakesBackEndsTheLeaseAtItsRenewal() throws Exception {
        name(OTHER);
        Grant grant = lease(both, both.hostData());
        takeBack();
        assertRefused(() -> renewed(grant), "policy.co-owners", OTHER.hex());
    }

    @Test
    void refusesARecordThatDoesNotSayWhoIsThere() throws Exception {
        name(OTHER);
        vault.onRecord =
                record -> {
                    var fields = new TreeMap<>(record.fields());
                    fields.put(ReleaseRecord.CO_OWNERS, "");
                    return new AuditRecord(record.type(), record.time(), record.actor(), fields);
                };
        assertRefused(() -> lease(both, both.hostData()), "its co-owners is not the lease's");
    }

    /** He can know it, since it comes of names, and sign under it what he likes. */
    @Test
    void aCoOwnersPolicyOfTheSameIdSaysNothingOfTheOwners() throws Exception {
        name(OTHER);
        try (var others = new FakeVault(CHIP.anchors(), Map.of("model.onnx", new byte[] {2}))) {
            Dsse far =
                    new PolicyDocument(
                                    PolicyReference.Kind.RELEASE,
                                    FakeVault.MODEL,
                                    FakeVault.RELEASE_ID,
                                    Long.MAX_VALUE,
                                    Optional.empty(),
                                    END,
                                    FakeVault.RULES.getBytes(StandardCharsets.UTF_8))
                            .sign(P256.signer(others.owner));
            others.onVersion =
                    answer -> {
                        answer.getPoliciesBuilder()
                                .clearReleaseBefore()
                                .setRelease(ByteString.copyFrom(far.encode()));
                        return answer;
                    };
            Version seen = seen(others);
            assertThat(seen.release().reference().seq()).isEqualTo(Long.MAX_VALUE);
            assertThat(seen(others).release().reference()).isEqualTo(seen.release().reference());
        }
        assertThat(renewed(lease(both, both.hostData())).lease().isRenewal()).isTrue();
    }

    private Version seen(FakeVault published) throws Exception {
        var clock = InstantSource.fixed(FakeVault.NOW);
        return Version.verify(
                published.version(),
                published.ownerId(),
                FakeVault.MODEL,
                0,
                new NodeMemory(data.resolve("memory")),
                new EvidenceVerifier(CHIP.anchors(), clock),
                clock.instant());
    }

    private void name(Digest coOwner) throws Exception {
        vault.release =
                vault.policy(
                        PolicyReference.Kind.RELEASE,
                        FakeVault.RELEASE_ID,
                        2,
                        FakeVault.MODEL,
                        END,
                        FakeVault.RULES.replaceAll("}$", ",\"coOwners\":[\"" + coOwner + "\"]}"));
    }

    /** A revision after the one in force that names nobody. */
    private void takeBack() throws Exception {
        Policies named = vault.version().getPolicies();
        Dsse alone =
                new PolicyDocument(
                                PolicyReference.Kind.RELEASE,
                                FakeVault.MODEL,
                                FakeVault.RELEASE_ID,
                                3,
                                Optional.of(Digest.sha256(vault.release.payload())),
                                END,
                                FakeVault.RULES.getBytes(StandardCharsets.UTF_8))
                        .sign(P256.signer(vault.owner));
        vault.onVersion =
                answer -> {
                    answer.getPoliciesBuilder()
                            .setRelease(ByteString.copyFrom(alone.encode()))
                            .addReleaseBefore(
                                    PolicyRevision.newBuilder().setEnvelope(named.getRelease()));
                    return answer;
                };
    }

    private static ChipConfig launch(Digest hostData) {
        return ChipConfig.launch(new byte[48], hostData.bytes());
    }

    private Grant lease(NodeOwners owners, Digest hostData) throws Exception {
        try (var link = vault.link();
                var requester =
                        new LeaseRequester(
                                new NodeSide(
                                        link,
                                        vault.pin(),
                                        CHIP.guest(launch(hostData)),
                                        vault.anchors,
                                        Fits.forTests(),
                                        new NodeMemory(data.resolve("memory")),
                                        InstantSource.fixed(FakeVault.NOW),
                                        new SecureRandom(),
                                        Optional.of(owners),
                                        Optional.empty()))) {
            var released =
                    requester.lease(requester.version(FakeVault.MODEL, 0, requester.ownerId()));
            released.forget();
            return released.grant();
        }
    }

    private Grant renewed(Grant grant) throws Exception {
        try (var link = vault.link()) {
            return new LeaseRenewer(
                            link,
                            vault.pin(),
                            CHIP.guest(launch(both.hostData())),
                            vault.anchors,
                            new NodeMemory(data.resolve("memory")),
                            new LatestOrders(_ -> {}),
                            InstantSource.fixed(FakeVault.NOW),
                            new SecureRandom())
                    .renew(grant);
        }
    }

    private static void assertRefused(ThrowingCallable asking, String... why) {
        assertThatThrownBy(asking).isInstanceOf(LeaseException.class).hasMessageContainingAll(why);
    }
}
