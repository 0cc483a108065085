package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.crypto.format.ApprovalRequest;
import dev.strongroom.crypto.format.ApprovalStatement;
import dev.strongroom.crypto.format.ApprovalStatement.Word;
import dev.strongroom.crypto.format.Approvals;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.PolicyChain;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.proto.v1.ApprovalState;
import dev.strongroom.proto.v1.ApprovalsGrpc;
import dev.strongroom.proto.v1.ApproveRequest;
import dev.strongroom.proto.v1.GetApprovalRequest;
import dev.strongroom.proto.v1.GetPoliciesRequest;
import dev.strongroom.proto.v1.ListApprovalsRequest;
import dev.strongroom.proto.v1.Policies;
import dev.strongroom.proto.v1.RequestApprovalRequest;
import dev.strongroom.proto.v1.SetPolicyRequest;
import dev.strongroom.proto.v1.SetPolicyResponse;
import dev.strongroom.vault.refusal.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SignatureException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A release policy that others than its owner must agree to, over gRPC. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PolicyApprovalTest {
    private static final KeyPair ALICE = TestIdentity.newKey();
    private static final KeyPair BOB = TestIdentity.newKey();
    private static final KeyPair CAROL = TestIdentity.newKey();

    private static final String OPEN = new String(TestOwner.releaseBody(), StandardCharsets.UTF_8);

    private TestVault vault;
    private TestOwner owner;

    @BeforeAll
    void start(@TempDir Path dir) throws Exception {
        vault = new TestVault(dir);
        owner = vault.tenant("acme");
    }

    @AfterAll
    void stop() {
        vault.close();
    }

    @Test
    void everyRevisionFromTheFirstOnNeedsItsApproversAndTheLogNamesThem() throws Exception {
        PolicyDocument first = release("bert", 1, Optional.empty(), demanding(ALICE, BOB, CAROL));
        Refusal refusal = Refusal.of(() -> set(first)).isFor(Reason.APPROVAL_MISSING);
        assertThat(refusal.message()).contains("policy-change acme/bert/release/1");
        ApprovalRequest request = ask(first);
        approve(ALICE, request);
        Refusal.of(() -> set(first)).isFor(Reason.APPROVAL_MISSING);
        approve(CAROL, request);
        var record = AuditRecord.decode(set(first).getProof().getLeaf().toByteArray());
        assertThat(record.fields())
                .containsEntry("approval", request.id())
                .containsEntry("seq", "1")
                .hasEntrySatisfying(
                        "approvers",
                        ids ->
                                assertThat(ids.split(" ", -1))
                                        .containsExactlyInAnyOrder(
                                                id(ALICE).hex(), id(CAROL).hex()));
        assertThat(states())
                .anySatisfy(state -> {
                    assertThat(state.getId()).isEqualTo(request.id());
                    assertThat(state.getStanding()).isEqualTo("used");
                });

        PolicyDocument open = release("bert", 2, digest(first), OPEN);
        Refusal.of(() -> set(open)).isFor(Reason.APPROVAL_MISSING);
        ApprovalRequest leaving = ask(open);
        approve(BOB, leaving);
        approve(CAROL, leaving);
        set(open);
        set(release("bert", 3, digest(open), OPEN));
        assertThat(chain("bert").inForce().document().seq()).isEqualTo(3);
    }

    @Test
    void onlyItsOwnerAsksForAPolicyAndOnlyForTheNextRevision() throws Exception {
        PolicyDocument first = release("gpt", 1, Optional.empty(), demanding(ALICE, BOB));
        Refusal.of(() -> ask(first, ALICE)).isFor(Reason.APPROVER_DENIED);
        PolicyDocument later =
                release("gpt", 2, Optional.of(Digest.sha256()), demanding(ALICE, BOB));
        Refusal.of(() -> ask(later)).isFor(Reason.POLICY_CONFLICT);
        PolicyDocument free = release("gpt", 1, Optional.empty(), OPEN);
        Refusal.of(() -> ask(free)).isFor(Reason.APPROVERS_NOT_NAMED);
        PolicyDocument output = owner.policy(Kind.OUTPUT, "gpt", 1, Optional.empty());
        Refusal.of(() -> ask(output)).isFor(Reason.APPROVERS_NOT_NAMED);
        PolicyDocument broken = release("gpt", 1, Optional.empty(), "{}");
        Refusal.of(() -> ask(broken)).isFor(Reason.POLICY_MALFORMED);
    }

    @Test
    void whatWasApprovedAndNothingElseIsSet() throws Exception {
        PolicyDocument first = release("t5", 1, Optional.empty(), demanding(ALICE, BOB));
        ApprovalRequest request = ask(first);
        approve(ALICE, request);
        approve(BOB, request);
        PolicyDocument other =
                release(
                        "t5",
                        1,
                        Optional.empty(),
                        demanding(ALICE, BOB).replace("\"base\"", "\"base\" "));
        Refusal.of(() -> set(other)).isFor(Reason.APPROVAL_MISSING);
        set(first);
        // Overtaken: what the second request asks for cannot be done any more.
        Refusal.of(() -> ask(first)).isFor(Reason.POLICY_CONFLICT);
    }

    @Test
    void anApproverReadsWhatHeSigns() throws Exception {
        PolicyDocument first = release("vit", 1, Optional.empty(), demanding(ALICE, BOB));
        ApprovalRequest request = ask(first);
        approve(ALICE, request);
        var shown =
                approvals()
                        .getApproval(GetApprovalRequest.newBuilder().setId(request.id()).build());
        assertThat(PolicyDocument.decode(shown.getDocument().toByteArray()).encode())
                .isEqualTo(first.encode());
        assertThat(shown.getDemandsList())
                .singleElement()
                .satisfies(demand -> assertThat(demand.getThreshold()).isEqualTo(2));
        var signed = Approvals.decode(shown.getApprovals().toByteArray()).verify();
        assertThat(signed.request()).isEqualTo(request);
        assertThat(signed.approvers()).containsExactly(id(ALICE));
        vault.restart();
        approve(BOB, request);
        set(first);
    }

    /** As a node checks it: everything that the vault sends. */
    private PolicyChain chain(String model) throws Exception {
        Policies policies =
                owner.models()
                        .getPolicies(
                                GetPoliciesRequest.newBuilder()
                                        .setModel(owner.model(model).toString())
                                        .build())
                        .getPolicies();
        var revisions = new ArrayList<PolicyChain.Revision>();
        policies.getReleaseBeforeList()
                .forEach(before ->
                        revisions.add(
                                new PolicyChain.Revision(
                                        before.getEnvelope().toByteArray(),
                                        before.getApprovals().toByteArray())));
        revisions.add(
                new PolicyChain.Revision(
                        policies.getRelease().toByteArray(),
                        policies.getReleaseApprovals().toByteArray()));
        return PolicyChain.verify(revisions, owner.ownerId(), owner.root.getPublic().getEncoded());
    }

    private ApprovalsGrpc.ApprovalsBlockingStub approvals() {
        return ApprovalsGrpc.newBlockingStub(owner.channel());
    }

    private List<ApprovalState> states() {
        return approvals()
                .listApprovals(ListApprovalsRequest.getDefaultInstance())
                .getApprovalsList();
    }

    private SetPolicyResponse set(PolicyDocument document) {
        return owner.models()
                .setPolicy(
                        SetPolicyRequest.newBuilder()
                                .setDocument(ByteString.copyFrom(owner.sign(document).encode()))
                                .build());
    }

    private ApprovalRequest ask(PolicyDocument document) {
        return ask(document, owner.root);
    }

    private ApprovalRequest ask(PolicyDocument document, KeyPair requester) {
        byte[] random = new byte[16];
        TestOwner.RANDOM.nextBytes(random);
        var request =
                new ApprovalRequest(
                        Change.of(document),
                        id(requester),
                        HexFormat.of().formatHex(random),
                        vault.clock.instant(),
                        vault.clock.instant().plus(Duration.ofHours(1)));
        approvals()
                .requestApproval(
                        RequestApprovalRequest.newBuilder()
                                .setStatement(say(Word.REQUESTED, requester, request))
                                .setDocument(ByteString.copyFrom(document.encode()))
                                .build());
        return request;
    }

    private void approve(KeyPair who, ApprovalRequest request) {
        approvals()
                .approve(
                        ApproveRequest.newBuilder()
                                .setStatement(say(Word.APPROVED, who, request))
                                .build());
    }

    private static ByteString say(Word word, KeyPair who, ApprovalRequest request) {
        try {
            return ByteString.copyFrom(
                    ApprovalStatement.sign(
                                    word, request, P256.signer(who), who.getPublic().getEncoded())
                            .encode());
        } catch (SignatureException e) {
            throw new IllegalStateException(e);
        }
    }

    private PolicyDocument release(String model, long seq, Optional<Digest> previous, String body) {
        PolicyDocument like = owner.policy(Kind.RELEASE, model, 1, Optional.empty());
        return new PolicyDocument(
                Kind.RELEASE,
                like.scope(),
                like.id(),
                seq,
                previous,
                like.notAfter(),
                body.getBytes(StandardCharsets.UTF_8));
    }

    private static String demanding(KeyPair... approvers) {
        String ids =
                Arrays.stream(approvers)
                        .map(key -> '"' + id(key).hex() + '"')
                        .collect(Collectors.joining(","));
        return OPEN.replaceAll(
                "}$", ",\"approvals\":{\"threshold\":2,\"approvers\":[" + ids + "]}}");
    }

    private static Optional<Digest> digest(PolicyDocument document) {
        return Optional.of(Digest.sha256(document.encode()));
    }

    private static Digest id(KeyPair key) {
        return P256.keyId(key.getPublic().getEncoded());
    }
}
