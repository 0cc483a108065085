package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.crypto.format.ApprovalRequest;
import dev.strongroom.crypto.format.ApprovalStatement;
import dev.strongroom.crypto.format.ApprovalStatement.Word;
import dev.strongroom.crypto.format.Approvals;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.proto.v1.PolicyRevision;
import dev.strongroom.testkit.SoftwareChip;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A release policy that two of three people must agree to, and a vault that shows the node one they
 * did not agree to. The owner root signed all of it: whoever has that key alone gets nowhere.
 */
class ApprovedPolicyTest {
    private static final SoftwareChip CHIP =
            SoftwareChip.create(new SecureRandom(), InstantSource.fixed(FakeVault.NOW));
    private static final KeyPair ALICE = TestKeys.p256();
    private static final KeyPair BOB = TestKeys.p256();
    private static final KeyPair CAROL = TestKeys.p256();
    private static final String APPROVED = demanding(ALICE, BOB, CAROL);

    @TempDir private Path data;
    private FakeVault vault;
    private final List<PolicyRevision> shown = new ArrayList<>();

    @BeforeEach
    void publish() throws Exception {
        vault = new FakeVault(CHIP.anchors(), Map.of("model.onnx", new byte[] {1}));
        vault.onVersion =
                answer -> {
                    answer.getPoliciesBuilder()
                            .setRelease(shown.getLast().getEnvelope())
                            .setReleaseApprovals(shown.getLast().getApprovals())
                            .clearReleaseBefore()
                            .addAllReleaseBefore(shown.subList(0, shown.size() - 1));
                    return answer;
                };
        PolicyDocument first = next(APPROVED);
        show(first, approved(first, ALICE, BOB));
        PolicyDocument second = next(APPROVED);
        show(second, approved(second, BOB, CAROL));
    }

    @AfterEach
    void close() {
        vault.close();
    }

    @Test
    void acceptsWhatEnoughOfThemAgreedTo() throws Exception {
        assertThat(accept().release().document().seq()).isEqualTo(2);
        PolicyDocument third = next(APPROVED);
        show(third, approved(third, ALICE, BOB, CAROL));
        assertThat(accept().release().document().seq()).isEqualTo(3);
    }

    @Test
    void refusesARevisionThatNobodyOrTooFewAgreedTo() throws Exception {
        PolicyDocument third = next(APPROVED);
        show(third, new byte[0]);
        refuses("revision 3: it needs approvals and has none");
        replace(third, approved(third, ALICE));
        refuses("expected 2 of 3 approvers, got 1");
        replace(third, approved(third, ALICE, ALICE));
        refuses("got 1");
        replace(third, approved(third, ALICE, TestKeys.p256()));
        refuses("got 1");
    }

    @Test
    void nobodyLeavesTheApproversWithoutThem() throws Exception {
        KeyPair mine = TestKeys.p256();
        PolicyDocument open = next(FakeVault.RULES);
        PolicyDocument others = next(demanding(mine, TestKeys.p256()));
        show(open, new byte[0]);
        refuses("revision 3: it needs approvals and has none");
        replace(others, approved(others, mine, TestKeys.p256()));
        refuses("expected 2 of");
        replace(open, approved(open, ALICE, BOB));
        assertThat(accept().release().document().seq()).isEqualTo(3);
        PolicyDocument free = next(FakeVault.RULES);
        show(free, new byte[0]);
        assertThat(accept().release().document().seq()).isEqualTo(4);
    }

    @Test
    void newApproversMustAgreeToo() throws Exception {
        KeyPair dave = TestKeys.p256();
        KeyPair erin = TestKeys.p256();
        PolicyDocument third = next(demanding(dave, erin));
        show(third, approved(third, ALICE, BOB));
        refuses("expected 2 of 2 approvers, got 0");
        replace(third, approved(third, ALICE, BOB, dave, erin));
        accept();
    }

    @Test
    void approvalsOfAnotherRevisionAreNoneOfThisOne() throws Exception {
        PolicyDocument third = next(APPROVED);
        show(third, shown.getLast().getApprovals().toByteArray());
        refuses("the approvals are for policy-change acme/net/release/2");
    }

    @Test
    void theOwnerDoesNotApproveHimself() throws Exception {
        PolicyDocument third = next(demanding(ALICE, vault.owner));
        show(third, approved(third, ALICE, BOB, vault.owner));
        refuses("expected 2 of 2 approvers, got 1");
        replace(third, approvals(third, TestKeys.p256(), ALICE, BOB, vault.owner));
        refuses("expected a request by its owner");
    }

    @Test
    void theVaultCannotHideWhoHadToAgree() throws Exception {
        PolicyDocument third = next(FakeVault.RULES);
        show(third, new byte[0]);
        shown.subList(0, 2).clear();
        refuses("expected its revisions from the first on");
        shown.addFirst(shown.getFirst());
        refuses("expected revision 4");
    }

    @Test
    void aNodeThatSawTheApproversRefusesAnotherPast() throws Exception {
        accept();
        shown.clear();
        for (int i = 0; i < 3; i++) {
            show(next(FakeVault.RULES), new byte[0]);
        }
        refuses("does not follow from revision 2 that this node saw");
    }

    private Version accept() throws Exception {
        return Version.verify(
                vault.version(),
                vault.ownerId(),
                FakeVault.MODEL,
                0,
                new NodeMemory(data),
                new EvidenceVerifier(CHIP.anchors(), InstantSource.fixed(FakeVault.NOW)),
                FakeVault.NOW);
    }

    private void refuses(String why) {
        assertThatThrownBy(this::accept)
                .isInstanceOfSatisfying(
                        LeaseException.class,
                        e -> assertThat(e.kind()).isEqualTo(LeaseException.Kind.INTEGRITY))
                .hasMessageContaining(why);
    }

    /** What follows the last revision shown. */
    private PolicyDocument next(String body) throws Exception {
        Optional<Digest> previous = Optional.empty();
        if (!shown.isEmpty()) {
            byte[] envelope = shown.getLast().getEnvelope().toByteArray();
            previous = Optional.of(Digest.sha256(Dsse.decode(envelope).payload()));
        }
        return new PolicyDocument(
                Kind.RELEASE,
                FakeVault.MODEL,
                FakeVault.RELEASE_ID,
                shown.size() + 1,
                previous,
                FakeVault.NOW.plus(Duration.ofDays(30)),
                body.getBytes(StandardCharsets.UTF_8));
    }

    private void show(PolicyDocument document, byte[] approvals) throws Exception {
        shown.add(
                PolicyRevision.newBuilder()
                        .setEnvelope(
                                ByteString.copyFrom(
                                        document.sign(P256.signer(vault.owner)).encode()))
                        .setApprovals(ByteString.copyFrom(approvals))
                        .build());
    }

    private void replace(PolicyDocument document, byte[] approvals) throws Exception {
        shown.removeLast();
        show(document, approvals);
    }

    private byte[] approved(PolicyDocument document, KeyPair... approvers) throws Exception {
        return approvals(document, vault.owner, approvers);
    }

    private static byte[] approvals(
            PolicyDocument document, KeyPair requester, KeyPair... approvers) throws Exception {
        var request =
                new ApprovalRequest(
                        Change.of(document),
                        P256.keyId(requester.getPublic().getEncoded()),
                        "0f".repeat(16),
                        FakeVault.NOW,
                        FakeVault.NOW.plusSeconds(60));
        var approvals = new ArrayList<ApprovalStatement>();
        for (KeyPair approver : approvers) {
            approvals.add(say(Word.APPROVED, approver, request));
        }
        return new Approvals(say(Word.REQUESTED, requester, request), approvals).encode();
    }

    private static ApprovalStatement say(Word word, KeyPair who, ApprovalRequest request)
            throws SignatureException {
        return ApprovalStatement.sign(
                word, request, P256.signer(who), who.getPublic().getEncoded());
    }

    private static String demanding(KeyPair... approvers) {
        return FakeVault.RULES.replaceAll(
                "}$",
                Arrays.stream(approvers)
                        .map(key -> P256.keyId(key.getPublic().getEncoded()).hex())
                        .collect(
                                Collectors.joining(
                                        "\",\"",
                                        ",\"approvals\":{\"threshold\":2,\"approvers\":[\"",
                                        "\"]}}")));
    }
}
