package dev.strongroom.crypto.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.crypto.Version;
import dev.strongroom.crypto.format.ApprovalStatement.Word;
import java.security.KeyPair;
import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Two of three must approve; attacked by whoever has one key, or none and the vault's disk. */
class ApprovalsTest {
    private static final Instant NOW = Records.NOW;
    private static final KeyPair REQUESTER = Version.p256();
    private static final KeyPair ALICE = Version.p256();
    private static final KeyPair BOB = Version.p256();
    private static final KeyPair CAROL = Version.p256();
    private static final KeyPair MALLORY = Version.p256();
    private static final ApproverSet TWO_OF_THREE = demand(2, ALICE, BOB, CAROL);
    private static final Change CHANGE =
            Change.of(new KekDestruction(new TenantName("acme"), 3, "00ff"));
    private static final ApprovalRequest REQUEST = request(CHANGE, "ab".repeat(16));

    @Test
    void enoughApproversAgreeInAnyOrder() throws Exception {
        for (var pair : List.of(List.of(ALICE, BOB), List.of(CAROL, BOB), List.of(CAROL, ALICE))) {
            assertThat(
                            approvals(pair.getFirst(), pair.getLast())
                                    .verify()
                                    .objection(CHANGE, TWO_OF_THREE, NOW))
                    .isEmpty();
        }
        VerifiedApprovals all = approvals(ALICE, BOB, CAROL).verify();
        assertThat(all.objection(CHANGE, TWO_OF_THREE, NOW)).isEmpty();
        assertThat(all.approvers()).containsExactlyInAnyOrder(id(ALICE), id(BOB), id(CAROL));
        assertThat(all.request()).isEqualTo(REQUEST);
    }

    @Test
    void oneTooFewIsNotEnough() throws Exception {
        assertUnmet(approvals(ALICE), "expected 2 of 3 approvers, got 1");
        assertUnmet(approvals(), "got 0");
    }

    @Test
    void anApproverUnderTwoNamesCountsOnce() throws Exception {
        // ECDSA is randomised: these are two different signatures of one key.
        assertThat(approve(ALICE, REQUEST).encode()).isNotEqualTo(approve(ALICE, REQUEST).encode());
        assertUnmet(approvals(ALICE, ALICE), "got 1");
    }

    @Test
    void theRequesterDoesNotApproveWhatHeAsksFor() throws Exception {
        ApprovalRequest alices =
                new ApprovalRequest(CHANGE, id(ALICE), REQUEST.id(), NOW, REQUEST.notAfter());
        var bundle =
                new Approvals(
                        say(Word.REQUESTED, ALICE, alices),
                        List.of(approve(ALICE, alices), approve(BOB, alices)));
        assertUnmet(bundle, "got 1");
    }

    @Test
    void aRequesterCannotHideBehindAnotherKey() {
        // Alice signs a request that names somebody else as its requester, to approve it herself.
        assertRefused(
                () -> new Approvals(say(Word.REQUESTED, ALICE, REQUEST), List.of()).verify(),
                "another requester");
    }

    @Test
    void whoIsNotOnTheListDoesNotCount() throws Exception {
        assertUnmet(approvals(ALICE, MALLORY), "got 1");
    }

    @Test
    void anApprovalOfAnotherDocumentIsNoneOfThisOne() throws Exception {
        Change other = Change.of(new KekDestruction(new TenantName("acme"), 2, "00fe"));
        ApprovalRequest swapped = request(other, REQUEST.id());
        assertRefused(
                () -> bundle(approve(ALICE, REQUEST), approve(BOB, swapped)).verify(),
                "another request");
        // All of it for another document: genuine, and good for that document only.
        var genuine =
                new Approvals(
                        say(Word.REQUESTED, REQUESTER, swapped),
                        List.of(approve(ALICE, swapped), approve(BOB, swapped)));
        assertUnmet(genuine, "the approvals are for kek-destroy acme/2");
        Change sameName =
                new Change(CHANGE.kind(), CHANGE.tenant(), CHANGE.subject(), Digest.sha256());
        assertThat(approvals(ALICE, BOB).verify().objection(sameName, TWO_OF_THREE, NOW))
                .hasValueSatisfying(why -> assertThat(why).contains("another document"));
    }

    @Test
    void anApprovalIsGoodForOneRequestOnly() {
        ApprovalRequest again = request(CHANGE, "cd".repeat(16));
        assertRefused(
                () ->
                        new Approvals(
                                        say(Word.REQUESTED, REQUESTER, again),
                                        List.of(approve(ALICE, REQUEST), approve(BOB, again)))
                                .verify(),
                "another request");
    }

    @Test
    void aSignatureByAnotherKeyIsNone() throws Exception {
        ApprovalStatement mallorys = approve(MALLORY, REQUEST);
        var asBob = new ApprovalStatement(spki(BOB), mallorys.statement());
        assertRefused(() -> bundle(approve(ALICE, REQUEST), asBob).verify(), "no valid signature");
        var renamed =
                new Dsse(
                        mallorys.statement().payloadType(),
                        mallorys.statement().payload(),
                        List.of(
                                new Dsse.Signature(
                                        id(BOB),
                                        mallorys.statement().signatures().getFirst().bytes())));
        assertRefused(
                () ->
                        bundle(approve(ALICE, REQUEST), new ApprovalStatement(spki(BOB), renamed))
                                .verify(),
                "no valid signature");
    }

    @Test
    void neitherARejectionNorARequestIsAnApproval() {
        for (Word word : List.of(Word.REJECTED, Word.REQUESTED)) {
            assertRefused(
                    () -> bundle(approve(ALICE, REQUEST), say(word, BOB, REQUEST)).verify(),
                    "expected type application/vnd.strongroom.approval.v1");
            Dsse said = say(word, BOB, REQUEST).statement();
            var relabelled =
                    new Dsse(
                            approve(BOB, REQUEST).statement().payloadType(),
                            said.payload(),
                            said.signatures());
            assertRefused(
                    () -> bundle(new ApprovalStatement(spki(BOB), relabelled)).verify(),
                    "no valid signature");
        }
    }

    @Test
    void nothingIsApprovedAfterItsTime() throws Exception {
        VerifiedApprovals approvals = approvals(ALICE, BOB).verify();
        Instant end = REQUEST.notAfter();
        assertThat(approvals.objection(CHANGE, TWO_OF_THREE, end.minusMillis(1))).isEmpty();
        assertThat(approvals.objection(CHANGE, TWO_OF_THREE, end)).isPresent();
        assertThatThrownBy(() -> new ApprovalRequest(CHANGE, id(ALICE), REQUEST.id(), NOW, NOW))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesMoreThanAnybodyCouldNeed() {
        byte[] many = new byte[Approvals.MAX_BYTES + 1];
        assertRefused(() -> Approvals.decode(many), "at most");
        assertRefused(
                () -> ApprovalStatement.decode(new byte[ApprovalStatement.MAX_BYTES + 1]),
                "at most");
        var crowd = new ApprovalStatement[33];
        Arrays.fill(crowd, approve(ALICE, REQUEST));
        assertThatThrownBy(() -> bundle(crowd)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aStatementHasOneSignature() {
        Dsse alice = approve(ALICE, REQUEST).statement();
        Dsse bob = approve(BOB, REQUEST).statement();
        var both =
                new Dsse(
                        alice.payloadType(),
                        alice.payload(),
                        List.of(alice.signatures().getFirst(), bob.signatures().getFirst()));
        assertThatThrownBy(() -> new ApprovalStatement(spki(ALICE), both))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPolicyChangeIsNamedByItsScopeKindAndRevision() throws Exception {
        Dsse signed = Records.policy(1, Optional.empty()).sign(Records.signer());
        VerifiedPolicy policy = PolicyDocument.verify(signed, Records.KEY_ID, Records.SPKI);
        Change change = Change.of(policy.document());
        assertThat(change.subject()).isEqualTo(policy.document().scope() + "/release/1");
        assertThat(change.document()).isEqualTo(policy.reference().digest());
        assertThat(change).hasToString("policy-change " + change.subject());
    }

    private static ApprovalRequest request(Change change, String id) {
        return new ApprovalRequest(change, id(REQUESTER), id, NOW, NOW.plus(Duration.ofHours(1)));
    }

    private static Approvals approvals(KeyPair... approvers) {
        return bundle(
                Arrays.stream(approvers)
                        .map(approver -> approve(approver, REQUEST))
                        .toArray(ApprovalStatement[]::new));
    }

    private static Approvals bundle(ApprovalStatement... approvals) {
        return new Approvals(say(Word.REQUESTED, REQUESTER, REQUEST), List.of(approvals));
    }

    private static ApprovalStatement approve(KeyPair approver, ApprovalRequest request) {
        return say(Word.APPROVED, approver, request);
    }

    private static ApprovalStatement say(Word word, KeyPair who, ApprovalRequest request) {
        try {
            return ApprovalStatement.sign(word, request, P256.signer(who), spki(who));
        } catch (SignatureException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ApproverSet demand(int threshold, KeyPair... approvers) {
        var ids = new TreeSet<Digest>();
        for (KeyPair approver : approvers) {
            ids.add(id(approver));
        }
        return new ApproverSet(threshold, ids);
    }

    private static byte[] spki(KeyPair keys) {
        return keys.getPublic().getEncoded();
    }

    private static Digest id(KeyPair keys) {
        return P256.keyId(spki(keys));
    }

    private static void assertUnmet(Approvals approvals, String why) throws SealedFormatException {
        assertThat(approvals.verify().objection(CHANGE, TWO_OF_THREE, NOW))
                .hasValueSatisfying(objection -> assertThat(objection).contains(why));
    }

    private static void assertRefused(ThrowingCallable call, String why) {
        assertThatThrownBy(call)
                .isInstanceOf(SealedFormatException.class)
                .hasMessageContaining(why);
    }
}
