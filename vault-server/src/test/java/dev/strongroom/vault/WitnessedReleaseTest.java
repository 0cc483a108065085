package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.transparency.NoteKey;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import dev.strongroom.proto.v1.AuditGrpc;
import dev.strongroom.proto.v1.GetChallengeRequest;
import dev.strongroom.proto.v1.GetCheckpointRequest;
import dev.strongroom.proto.v1.ListLeavesRequest;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import dev.strongroom.vault.refusal.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Releases whose owner demands a witness, with the witness's own process. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WitnessedReleaseTest {
    @TempDir private static Path dir;
    private static TestWitness witness;
    private static TestVault vault;
    private static TestOwner owner;
    private static WitnessQuorum demanded;
    private static NoteKey log;

    @BeforeAll
    static void start() throws Exception {
        witness = new TestWitness(dir);
        vault = TestVault.withWitnesses(dir, List.of(witness.endpoint()));
        owner = vault.tenant("acme");
        demanded = new WitnessQuorum(1, List.of(witness.key));
        byte[] envelope =
                new TestNode(owner)
                        .release()
                        .getChallenge(GetChallengeRequest.getDefaultInstance())
                        .getVaultIdentity()
                        .toByteArray();
        VaultIdentity identity = VaultIdentity.verify(Dsse.decode(envelope), vault.pin);
        log = NoteKey.of(identity.logOrigin(), identity.signingSpki());
        witness.start(log);
        vault.clock.advance(Duration.ofSeconds(6));
    }

    @AfterAll
    static void stop() {
        vault.close();
        witness.close();
    }

    private record Pushed(TestOwner.Sealed version, TestOwner.Policies policies) {}

    private static Pushed push(String model, WitnessQuorum witnesses) throws Exception {
        TestOwner.Policies policies = owner.setPolicies(model, witnesses);
        TestOwner.Sealed version = owner.seal(model, TestOwner.weights(100));
        owner.push(version);
        return new Pushed(version, policies);
    }

    private static RequestLeaseResponse lease(Pushed pushed) {
        var node = new TestNode(owner);
        return node.ask(node.request(pushed.version(), pushed.policies()));
    }

    @Test
    @Order(1)
    void releasesUnderACheckpointThatTheWitnessCosigned() throws Exception {
        RequestLeaseResponse lease = lease(push("watched", demanded));
        SignedCheckpoint.parse(lease.getProof().getCheckpoint()).verify(log, demanded);

        String latest =
                AuditGrpc.newBlockingStub(vault.connect(owner.identity))
                        .getCheckpoint(GetCheckpointRequest.getDefaultInstance())
                        .getCheckpoint();
        SignedCheckpoint.parse(latest).verify(log, demanded);
    }

    @Test
    @Order(2)
    void releasesNothingWhileADemandedWitnessIsDown() throws Exception {
        Pushed watched = push("guarded", demanded);
        witness.stop();
        vault.clock.advance(Duration.ofSeconds(6));

        Refusal.of(() -> lease(watched))
                .isFor(Reason.WITNESSES_MISSING)
                .saying("witness.example/w1 does not answer");
        var failed =
                AuditGrpc.newBlockingStub(vault.connect(owner.identity))
                        .listLeaves(ListLeavesRequest.getDefaultInstance());
        assertThat(failed)
                .toIterable()
                .anySatisfy(leaf -> {
                    var record = AuditRecord.decode(leaf.getLeaf().toByteArray());
                    assertThat(record.type()).isEqualTo("release.failed");
                    assertThat(record.fields()).containsEntry("reason", "WITNESSES_MISSING");
                });

        witness.start(log);
        vault.clock.advance(Duration.ofSeconds(6));
        lease(watched);
    }

    @Test
    @Order(3)
    void aDownWitnessHoldsUpNobodyWhoDoesNotDemandIt() throws Exception {
        witness.stop();
        vault.clock.advance(Duration.ofSeconds(6));
        TestOwner.Policies policies = owner.setPolicies("free");
        TestOwner.Sealed version = owner.seal("free", TestOwner.weights(100));
        owner.push(version);
        RequestLeaseResponse lease = lease(new Pushed(version, policies));
        var checkpoint = SignedCheckpoint.parse(lease.getProof().getCheckpoint());
        assertThatThrownBy(() -> checkpoint.verify(log, demanded))
                .isInstanceOf(SealedFormatException.class);
        witness.start(log);
        vault.clock.advance(Duration.ofSeconds(6));
    }

    @Test
    @Order(4)
    void aVaultWithTwoHistoriesIsCaughtByTheWitness() throws Exception {
        Pushed watched = push("forked", demanded);
        RunningVault twin = vault.twin(dir.resolve("twin"));
        try {
            lease(watched); // the first history grows and is cosigned
            RunningVault first = vault.talkTo(twin);
            Refusal.of(() -> lease(watched))
                    .isFor(Reason.WITNESSES_MISSING)
                    .saying("saw a history that this log does not continue");
            for (int i = 0; i < 8; i++) { // also when it is the longer one
                owner.setPolicies("other" + i);
            }
            vault.clock.advance(Duration.ofSeconds(6));
            Refusal.of(() -> lease(watched))
                    .isFor(Reason.WITNESSES_MISSING)
                    .saying("saw a history that this log does not continue");
            vault.talkTo(first);
            vault.clock.advance(Duration.ofSeconds(6));
            lease(watched);
        } finally {
            twin.stop();
        }
    }
}
