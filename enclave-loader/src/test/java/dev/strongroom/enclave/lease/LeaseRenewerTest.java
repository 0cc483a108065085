package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.GuardMeasure;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.proto.v1.RenewLeaseResponse;
import dev.strongroom.testkit.Changed;
import dev.strongroom.testkit.SoftwareChip;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A renewal is believed only if it answers this request and takes the place of this lease. */
class LeaseRenewerTest {
    private static final SoftwareChip CHIP =
            SoftwareChip.create(new SecureRandom(), InstantSource.fixed(FakeVault.NOW));

    @TempDir private Path folder;
    private FakeVault vault;
    private LeasedNode node;

    @BeforeEach
    void start() throws Exception {
        vault = new FakeVault(CHIP.anchors(), Map.of("model.onnx", new byte[] {1}));
        node = new LeasedNode(vault, CHIP, folder);
    }

    @AfterEach
    void stop() {
        node.close();
        vault.close();
    }

    @Test
    void renewsAgainAndAgain() throws Exception {
        Grant second = node.renewer().renew(node.grant());
        assertThat(second.lease().seq()).isEqualTo(2);
        assertThat(second.lease().isRenewal()).isTrue();
        assertThat(second.tlsKey()).isEqualTo(node.grant().tlsKey());
        assertThat(second.presented().releaseProof().getLeafIndex())
                .isEqualTo(second.lease().auditLeaf());
        Grant third = node.renewer().renew(second);
        assertThat(third.lease().seq()).isEqualTo(3);
    }

    /** A node whose stream is cut off hears of orders at the latest now. */
    @Test
    void hearsWhatHoldsAgainstCallersAndBelievesNoOtherRenewalsWord() throws Exception {
        var eve =
                new GuardMeasure(
                        GuardMeasure.Whose.PRINCIPAL,
                        "acme/consumer/eve",
                        GuardMeasure.Step.SUSPEND,
                        1);
        vault.onRenewal = answer -> answer.addOrders(order(answer, eve, 0, answered(answer)));
        node.renewer().renew(node.grant());
        assertThat(node.orders).containsExactly(List.of(eve));
        vault.onRenewal = answer -> answer.addOrders(order(answer, eve, 1, answered(answer)));
        refuses("some are missing");
        vault.onRenewal = answer -> answer.addOrders(order(answer, eve, 0, new byte[32]));
        refuses("next of this renewal");
        assertThat(node.orders).hasSize(1);
    }

    private byte[] answered(RenewLeaseResponse.Builder answer) {
        return lease(answer).nodeNonce();
    }

    private Lease lease(RenewLeaseResponse.Builder answer) {
        try {
            return Lease.verify(
                    Dsse.decode(answer.getLease().toByteArray()),
                    vault.signing.getPublic().getEncoded());
        } catch (SealedFormatException e) {
            throw new IllegalStateException(e);
        }
    }

    private ByteString order(
            RenewLeaseResponse.Builder answer, GuardMeasure measure, int more, byte[] nonce) {
        var notice =
                new Notice(
                        lease(answer).bootId(),
                        nonce,
                        1,
                        FakeVault.NOW,
                        new Notice.Measures(List.of(measure), more));
        try {
            return ByteString.copyFrom(notice.sign(P256.signer(vault.signing)).encode());
        } catch (SignatureException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void refusesAnAnswerThatWasKeptBackFromAnEarlierRequest() throws Exception {
        List<RenewLeaseResponse> kept = new ArrayList<>();
        vault.onRenewal =
                answer -> {
                    kept.add(answer.build());
                    return answer;
                };
        List<ByteString> nonces = new ArrayList<>();
        vault.onChallenge =
                challenge -> {
                    nonces.add(challenge.getNonce());
                    return challenge;
                };
        node.renewer().renew(node.grant());
        vault.onChallenge = challenge -> challenge.setNonce(nonces.getFirst());
        vault.onRenewal = _ -> kept.getFirst().toBuilder();
        refuses("node nonce");
    }

    @Test
    void refusesALeaseThatTakesThePlaceOfAnother() {
        vault.onLease = lease -> Changed.with(lease, "seq", lease.seq() - 1);
        refuses("place in the log");
        vault.onLease = lease -> Changed.with(lease, "releaseLeaf", lease.releaseLeaf() - 1);
        refuses("release leaf");
        vault.onLease = lease -> Changed.with(lease, "releaseLeaf", lease.auditLeaf());
        refuses("release leaf");
    }

    @Test
    void refusesARenewalThatTheLogRecordsAsARelease() {
        vault.onRecord =
                record ->
                        new dev.strongroom.crypto.format.AuditRecord(
                                "key.released", record.time(), record.actor(), record.fields());
        refuses("release record: expected lease.renewed");
    }

    private void refuses(String message) {
        assertThatThrownBy(() -> node.renewer().renew(node.grant()))
                .isInstanceOfSatisfying(
                        LeaseException.class,
                        e -> assertThat(e.kind()).isEqualTo(LeaseException.Kind.INTEGRITY))
                .hasMessageContaining(message);
    }
}
