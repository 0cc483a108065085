package dev.strongroom.vault.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.ApprovalRequest;
import dev.strongroom.crypto.format.ApprovalStatement;
import dev.strongroom.crypto.format.ApprovalStatement.Word;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.KekDestruction;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.TestClock;
import dev.strongroom.vault.access.AccessRole;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.ApprovalHistory.Entry;
import dev.strongroom.vault.audit.ApprovalHistory.Standing;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.LogSigner;
import dev.strongroom.vault.audit.TailKey;
import dev.strongroom.vault.audit.Witnesses;
import dev.strongroom.vault.catalog.ApprovalTable;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two of three must agree to a destruction; the attacker may be one of them, or have the disk. */
class ApprovalDeskTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final KeyPair SIGNING = P256.newKeyPair(RANDOM);
    private static final KeyPair ASKING = P256.newKeyPair(RANDOM);
    private static final KeyPair ALICE = P256.newKeyPair(RANDOM);
    private static final KeyPair BOB = P256.newKeyPair(RANDOM);
    private static final KeyPair MALLORY = P256.newKeyPair(RANDOM);
    private static final TenantName ACME = new TenantName("acme");
    private static final Principal OPERATOR =
            new Principal(Principal.WHOLE_VAULT, AccessRole.OPERATOR, "first");
    private static final KekDestruction DOCUMENT = new KekDestruction(ACME, 1, "00ff");
    private static final Change CHANGE = Change.of(DOCUMENT);
    private static final Decision EFFECT =
            Decision.of("kek.destroyed", OPERATOR.uri(), "acme").with("version", 1);
    private static final Roster ROSTER = roster(2, ASKING, ALICE, BOB);

    @TempDir private Path dir;
    private final TestClock clock = new TestClock();
    private Database database;
    private AuditLog log;
    private ApprovalDesk desk;
    private ApprovalView view;

    @BeforeEach
    void open() throws Exception {
        database = Database.open(dir);
        database.change(handle -> {
            TenantTable.insertPending(handle, ACME, new byte[] {1}, clock.instant());
            TenantTable.markReady(handle, ACME);
            KekTable.insertPending(handle, ACME, 1, clock.instant());
        });
        start(Optional.of(ROSTER));
    }

    @AfterEach
    void close() {
        database.close();
    }

    /** As a vault does that starts on this folder. */
    private void start(Optional<Roster> roster) throws Exception {
        log =
                AuditLog.open(
                        database,
                        LogSigner.of(
                                "strongroom/test",
                                P256.signer(SIGNING),
                                SIGNING.getPublic().getEncoded()),
                        new TailKey(new byte[32]),
                        Witnesses.none(),
                        clock);
        Roster.record(roster, log);
        var ledger = new ApprovalLedger(log, clock);
        var rules =
                new ChangeRules(
                        roster,
                        (_, _, _) -> {
                            throw new AssertionError("no policy is asked for here");
                        });
        desk = new ApprovalDesk(log, ledger, rules, clock);
        view = new ApprovalView(database, log, ledger, rules, clock);
        desk.endOutdated();
    }

    @Test
    void enoughApprovalsAllowTheEffectOnceAndTheLogSaysWhose() throws Exception {
        ApprovalRequest request = ask();
        approve(ALICE, request);
        refuses(Reason.APPROVAL_MISSING, this::destroy, "expected 2 of 3 approvers, got 1");
        approve(BOB, request);
        AuditReceipt receipt = destroy();
        assertThat(receipt.record().fields())
                .containsEntry("approval", request.id())
                .containsEntry("version", "1")
                .hasEntrySatisfying(
                        "approvers",
                        ids ->
                                assertThat(ids.split(" ", -1))
                                        .containsExactlyInAnyOrder(id(ALICE).hex(), id(BOB).hex()));
        refuses(Reason.APPROVAL_MISSING, this::destroy, "nobody asked");
        start(Optional.of(ROSTER));
        refuses(Reason.APPROVAL_MISSING, this::destroy, "nobody asked");
        refuses(Reason.APPROVAL_OVER, () -> approve(BOB, request), "it was used");
    }

    @Test
    void anEffectThatFailsUsesNothingUp() throws Exception {
        approved();
        assertThatThrownBy(() ->
                        log.<RefusedException>append(handle -> {
                            desk.use(handle, CHANGE, EFFECT);
                            throw new IllegalStateException("the token is away");
                        }))
                .hasMessage("the token is away");
        destroy();
    }

    @Test
    void twoEffectsAtOnceShareNoApproval() throws Exception {
        approved();
        long done =
                Stream.generate(() -> CompletableFuture.supplyAsync(this::tryToDestroy))
                        .limit(8)
                        .toList()
                        .stream()
                        .filter(CompletableFuture::join)
                        .count();
        assertThat(done).isEqualTo(1);
    }

    private boolean tryToDestroy() {
        try {
            destroy();
            return true;
        } catch (RefusedException e) {
            return false;
        }
    }

    @Test
    void whoAsksDoesNotApproveAndOnlyApproversMay() throws Exception {
        ApprovalRequest request = ask();
        refuses(Reason.APPROVER_DENIED, () -> approve(ASKING, request), "himself");
        refuses(
                Reason.APPROVER_DENIED,
                () -> approve(MALLORY, request),
                "not one of the approvers");
        refuses(
                Reason.APPROVER_DENIED,
                () -> ask(MALLORY, CHANGE, DOCUMENT),
                "configured approvers");
        approve(ALICE, request);
        refuses(Reason.APPROVAL_EXISTS, () -> approve(ALICE, request), "has answered");
        assertThat(entry(request).approvers()).containsExactly(id(ALICE));
    }

    @Test
    void aRejectionTakesTheApprovalBackAndEndsWhatNobodyCanReach() throws Exception {
        ApprovalRequest request = ask();
        approve(ALICE, request);
        approve(BOB, request);
        reject(BOB, request);
        refuses(Reason.APPROVAL_MISSING, this::destroy, "nobody asked");
        assertThat(entry(request).standing()).isEqualTo(Standing.REJECTED);
        refuses(Reason.APPROVAL_OVER, () -> approve(BOB, request), "it was rejected");
    }

    @Test
    void oneRejectionOfManyStopsNobody() throws Exception {
        KeyPair carol = P256.newKeyPair(RANDOM);
        start(Optional.of(roster(2, ASKING, ALICE, BOB, carol)));
        ApprovalRequest request = ask();
        reject(carol, request);
        refuses(Reason.APPROVAL_EXISTS, () -> approve(carol, request), "has answered");
        approve(ALICE, request);
        approve(BOB, request);
        destroy();
    }

    @Test
    void nothingIsApprovedOrUsedAfterItsTime() throws Exception {
        ApprovalRequest request = ask();
        approve(ALICE, request);
        approve(BOB, request);
        clock.advance(Duration.ofHours(1));
        refuses(Reason.APPROVAL_MISSING, this::destroy, "nobody asked");
        refuses(Reason.APPROVAL_OVER, () -> reject(ALICE, request), "it ended at");
        desk.endOutdated();
        assertThat(entry(request).standing()).isEqualTo(Standing.EXPIRED);
        assertThat(log.page(log.size() - 1, log.size(), "acme", 1))
                .singleElement()
                .satisfies(leaf ->
                        assertThat(AuditRecord.decode(leaf.bytes()).type())
                                .isEqualTo("approval.ended"));
    }

    @Test
    void forgetsWhatWasSignedLongAfterItsEnd() throws Exception {
        ApprovalRequest old = ask();
        clock.advance(Duration.ofDays(92));
        ApprovalRequest young = ask();
        assertThat(database.read(ApprovalTable::ids)).containsExactly(young.id());
        assertThat(entry(old).standing()).isEqualTo(Standing.EXPIRED);
        refuses(
                Reason.APPROVAL_NOT_FOUND,
                () -> view.show(OPERATOR, old.id()),
                "not kept any more");
    }

    @Test
    void approvalsAreGoodForTheirDocumentOnly() throws Exception {
        approved();
        Change other = Change.of(new KekDestruction(ACME, 1, "00fe"));
        refuses(
                Reason.APPROVAL_MISSING,
                () -> log.append(handle -> desk.use(handle, other, EFFECT)),
                "nobody asked");
        refuses(
                Reason.APPROVAL_MALFORMED,
                () -> ask(ASKING, CHANGE, new KekDestruction(ACME, 1, "00fe")),
                "not the one that it names");
        var elsewhere = new Change(CHANGE.kind(), CHANGE.tenant(), "acme/2", CHANGE.document());
        refuses(Reason.APPROVAL_MALFORMED, () -> ask(ASKING, elsewhere, DOCUMENT), "another key");
        var missing = new KekDestruction(ACME, 9, "00ff");
        refuses(
                Reason.APPROVAL_MALFORMED,
                () -> ask(ASKING, Change.of(missing), missing),
                "no key");
    }

    @Test
    void anApprovalOfAnotherRequestOfTheSameIdIsRefused() throws Exception {
        ApprovalRequest request = ask();
        var twin =
                new ApprovalRequest(
                        Change.of(new KekDestruction(ACME, 1, "aa")),
                        request.requester(),
                        request.id(),
                        request.createdAt(),
                        request.notAfter());
        refuses(Reason.APPROVAL_MALFORMED, () -> approve(ALICE, twin), "another request");
        refuses(Reason.APPROVAL_EXISTS, () -> send(ASKING, request, DOCUMENT), "exists already");
        byte[] rejection = say(Word.REJECTED, ALICE, request);
        refuses(
                Reason.APPROVAL_MALFORMED,
                () -> desk.approve(OPERATOR, rejection),
                "expected type application/vnd.strongroom.approval.v1");
    }

    @Test
    void believesTheLogAndTheSignaturesAndNoRow() throws Exception {
        ApprovalRequest request = ask();
        approve(ALICE, request);
        // A genuine signature that never came through the front door counts for nothing.
        var smuggled = ApprovalStatement.decode(say(Word.APPROVED, BOB, request));
        database.change(handle ->
                ApprovalTable.insertAnswer(handle, request.id(), Word.APPROVED, smuggled));
        refuses(Reason.APPROVAL_MISSING, this::destroy, "got 1");
        sql("DELETE FROM approval_answer WHERE approver = '" + id(BOB).hex() + "'");
        approve(BOB, request);

        String alices = "approver = '" + id(ALICE).hex() + "'";
        byte[] mallorys = say(Word.APPROVED, MALLORY, request);
        refusesUntilRestored(
                "UPDATE approval_answer SET statement = x'" + hex(mallorys) + "' WHERE " + alices,
                "UPDATE approval_answer SET statement = x'"
                        + hex(say(Word.APPROVED, ALICE, request))
                        + "' WHERE "
                        + alices);
        refusesUntilRestored(
                "DELETE FROM approval_answer WHERE " + alices,
                "INSERT INTO approval_answer VALUES ('"
                        + request.id()
                        + "', '"
                        + id(ALICE).hex()
                        + "', 'APPROVED', x'"
                        + hex(say(Word.APPROVED, ALICE, request))
                        + "')");
        ApprovalRequest mine =
                new ApprovalRequest(
                        CHANGE, id(MALLORY), request.id(), request.createdAt(), request.notAfter());
        refusesUntilRestored(
                "UPDATE approval_request SET statement = x'"
                        + hex(say(Word.REQUESTED, MALLORY, mine))
                        + "'",
                "UPDATE approval_request SET statement = x'"
                        + hex(say(Word.REQUESTED, ASKING, request))
                        + "'");
        sql("UPDATE approval_request SET document = x'00'");
        refuses(Reason.APPROVAL_NOT_AUTHENTIC, () -> view.show(OPERATOR, request.id()), "restore");
        destroy();
    }

    private void refusesUntilRestored(String damage, String repair) {
        sql(damage);
        refuses(Reason.APPROVAL_NOT_AUTHENTIC, this::destroy, "restore the data folder");
        sql(repair);
    }

    @Test
    void approversWhoLeftDoNotCountAndEveryChangeOfThemIsLogged() throws Exception {
        approved();
        start(Optional.of(roster(2, ASKING, ALICE, MALLORY)));
        refuses(Reason.APPROVAL_MISSING, this::destroy, "expected 2 of 3 approvers, got 1");
        start(Optional.empty());
        refuses(Reason.APPROVERS_NOT_NAMED, this::destroy, "no approvers");
        refuses(Reason.APPROVERS_NOT_NAMED, this::ask, "no approvers");
        start(Optional.of(ROSTER));
        start(Optional.of(ROSTER));
        var changes =
                log.page(0, log.size(), "-", 100).stream()
                        .map(leaf -> {
                            try {
                                return AuditRecord.decode(leaf.bytes());
                            } catch (SealedFormatException e) {
                                throw new IllegalStateException(e);
                            }
                        })
                        .filter(record -> record.type().equals("approvers.changed"))
                        .toList();
        assertThat(changes).hasSize(4);
        assertThat(changes.getFirst().fields())
                .containsEntry("threshold", "2")
                .containsEntry(id(ALICE).hex(), "name 1");
        destroy();
    }

    @Test
    void anotherTenantsRequestsAreNoneOfAnyonesBusiness() throws Exception {
        ApprovalRequest request = ask();
        var other = new Principal("other", AccessRole.OWNER, "o");
        byte[] alices = say(Word.APPROVED, ALICE, request);
        refuses(Reason.TENANT_DENIED, () -> desk.approve(other, alices), "other tenant");
        refuses(Reason.APPROVAL_NOT_FOUND, () -> view.show(other, request.id()), "no approval");
        assertThat(view.list(other)).isEmpty();
        assertThat(view.list(new Principal("acme", AccessRole.OWNER, "o"))).hasSize(1);
        assertThat(view.show(OPERATOR, request.id()).document()).isEqualTo(DOCUMENT.encode());
        assertThat(view.show(OPERATOR, request.id()).demands()).containsExactly(ROSTER.set());
    }

    @Test
    void opensOnlySoManyAndOnlyForSoLong() throws Exception {
        for (int i = 0; i < 16; i++) {
            ask();
        }
        refuses(Reason.TOO_MANY_APPROVALS, this::ask, "16 requests of this key are open");
        ask(ALICE, CHANGE, DOCUMENT);
        clock.advance(Duration.ofHours(2));
        ApprovalRequest next = ask();
        assertThat(view.list(OPERATOR))
                .filteredOn(e -> e.standing() == Standing.EXPIRED)
                .hasSize(17);
        var forever =
                new ApprovalRequest(
                        CHANGE,
                        id(ASKING),
                        "ee".repeat(16),
                        next.createdAt(),
                        next.createdAt().plus(Duration.ofDays(31)));
        refuses(Reason.APPROVAL_MALFORMED, () -> send(ASKING, forever, DOCUMENT), "within 30 days");
        var past =
                new ApprovalRequest(
                        CHANGE,
                        id(ASKING),
                        "ee".repeat(16),
                        clock.instant().minusSeconds(9),
                        clock.instant());
        refuses(Reason.APPROVAL_MALFORMED, () -> send(ASKING, past, DOCUMENT), "within 30 days");
    }

    private ApprovalRequest approved() throws Exception {
        ApprovalRequest request = ask();
        approve(ALICE, request);
        approve(BOB, request);
        return request;
    }

    private ApprovalRequest ask() throws RefusedException {
        return ask(ASKING, CHANGE, DOCUMENT);
    }

    private ApprovalRequest ask(KeyPair who, Change change, KekDestruction document)
            throws RefusedException {
        byte[] id = new byte[16];
        RANDOM.nextBytes(id);
        var request =
                new ApprovalRequest(
                        change,
                        id(who),
                        HexFormat.of().formatHex(id),
                        clock.instant(),
                        clock.instant().plus(Duration.ofHours(1)));
        send(who, request, document);
        return request;
    }

    private void send(KeyPair who, ApprovalRequest request, KekDestruction document)
            throws RefusedException {
        desk.request(OPERATOR, say(Word.REQUESTED, who, request), document.encode());
    }

    private void approve(KeyPair who, ApprovalRequest request) throws RefusedException {
        desk.approve(OPERATOR, say(Word.APPROVED, who, request));
    }

    private void reject(KeyPair who, ApprovalRequest request) throws RefusedException {
        desk.reject(OPERATOR, say(Word.REJECTED, who, request));
    }

    private AuditReceipt destroy() throws RefusedException {
        return log.append(handle -> desk.use(handle, CHANGE, EFFECT));
    }

    private Entry entry(ApprovalRequest request) {
        return log.views().approvals().find(request.id()).orElseThrow();
    }

    private void sql(String statement) {
        database.change(handle -> handle.execute(statement));
    }

    private static byte[] say(Word word, KeyPair who, ApprovalRequest request) {
        try {
            return ApprovalStatement.sign(
                            word, request, P256.signer(who), who.getPublic().getEncoded())
                    .encode();
        } catch (SignatureException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Roster roster(int threshold, KeyPair... members) {
        Map<Digest, String> names = new TreeMap<>();
        for (int i = 0; i < members.length; i++) {
            names.put(id(members[i]), "name " + i);
        }
        return new Roster(threshold, new TreeMap<>(names));
    }

    private static Digest id(KeyPair key) {
        return P256.keyId(key.getPublic().getEncoded());
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private interface Step {
        void run() throws RefusedException;
    }

    private static void refuses(Reason reason, Step step, String why) {
        var refusal = catchThrowableOfType(RefusedException.class, step::run);
        assertThat(refusal).isNotNull();
        assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
        assertThat(refusal).hasMessageContaining(why);
    }
}
