package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.crypto.format.AliasMove;
import dev.strongroom.crypto.format.AliasName;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.crypto.format.VerifiedAlias;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.LiftRevocationRequest;
import dev.strongroom.proto.v1.ListAliasesRequest;
import dev.strongroom.proto.v1.ListAliasesResponse;
import dev.strongroom.proto.v1.MoveAliasRequest;
import dev.strongroom.proto.v1.RevocationTarget;
import dev.strongroom.proto.v1.RevokeRequest;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Owners move names between versions of a model, over the real API. */
class AliasTest {
    private static final AtomicInteger TESTS = new AtomicInteger();

    @TempDir static Path dir;
    private static TestVault vault;
    private static TestOwner owner;
    private static TestOwner other;
    private static Policies ofBert;
    private static Sealed first;
    private static Sealed second;
    private String model;
    private AliasName production;
    private Policies policies;

    @BeforeAll
    static void start() throws Exception {
        vault = new TestVault(dir);
        owner = vault.tenant("acme");
        other = vault.tenant("other");
        ofBert = owner.setPolicies("bert");
        first = pushed("bert");
        second = pushed("bert");
    }

    @BeforeEach
    void name() {
        model = "bert";
        policies = ofBert;
        production = new AliasName("production-" + TESTS.incrementAndGet());
    }

    /** For what changes policies. */
    private Sealed pushedAsAnother() {
        model = "bert-" + TESTS.incrementAndGet();
        policies = owner.setPolicies(model);
        return pushed(model);
    }

    private static Sealed pushed(String model) {
        Sealed version = owner.seal(model, TestOwner.weights(100));
        owner.push(version);
        return version;
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    @Test
    void aMoveIsInTheLogWithWhoFromAndTo() throws Exception {
        VerifiedAlias begun = moved(Optional.empty(), Optional.of(first.id()));
        InclusionProof proof = send(next(Optional.of(begun), Optional.of(second.id())));
        AuditRecord record = AuditRecord.decode(proof.getLeaf().toByteArray());
        assertThat(record.type()).isEqualTo(AuditRecord.ALIAS_MOVED);
        assertThat(record.actor()).startsWith("spiffe://strongroom/acme/owner/");
        assertThat(record.fields())
                .containsEntry("model", "acme/" + model)
                .containsEntry("alias", production.value())
                .containsEntry("from", "1")
                .containsEntry("to", "2")
                .containsEntry("version-id", second.id().hex())
                .containsEntry("seq", "2");
        vault.restart();
        assertThat(only().getNumber()).isEqualTo(2);
    }

    @Test
    void oneOfManyConcurrentMovesWins() throws Exception {
        Optional<VerifiedAlias> begun =
                Optional.of(moved(Optional.empty(), Optional.of(first.id())));
        var versions = List.of(first, second);
        try (var people = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Boolean>> moves =
                    IntStream.range(0, 16)
                            .<Callable<Boolean>>mapToObj(i ->
                                    () -> wins(next(begun, Optional.of(versions.get(i % 2).id()))))
                            .toList();
            int winners = 0;
            for (Future<Boolean> move : people.invokeAll(moves)) {
                winners += move.get() ? 1 : 0;
            }
            assertThat(winners).isEqualTo(1);
        }
        AliasMove inForce = stored(only()).move();
        assertThat(inForce.seq()).isEqualTo(2);
    }

    private static boolean wins(AliasMove move) {
        Dsse signed = sign(move, owner.signer);
        try {
            send(owner, signed);
            return true;
        } catch (StatusRuntimeException e) {
            Refusal.of(
                            () -> {
                                throw e;
                            })
                    .isFor(Reason.ALIAS_CONFLICT);
            return false;
        }
    }

    @Test
    void onlyTheOwnersNextMoveCounts() throws Exception {
        AliasMove begin = next(Optional.empty(), Optional.of(first.id()));
        StatementSigner stranger = P256.signer(TestIdentity.newKey());
        refused(owner, sign(begin, stranger), Reason.ALIAS_NOT_AUTHENTIC);
        refused(other, sign(begin, owner.signer), Reason.ALIAS_NOT_AUTHENTIC);
        send(begin);
        refused(begin, Reason.ALIAS_CONFLICT); // replayed
        var skipped =
                new AliasMove(
                        owner.model(model),
                        production,
                        2,
                        Optional.of(Digest.sha256()),
                        Optional.of(second.id()));
        refused(skipped, Reason.ALIAS_CONFLICT);
        refused(
                new AliasMove(
                        owner.model(model),
                        new AliasName("canary"),
                        2,
                        Optional.of(Digest.sha256()),
                        Optional.of(second.id())),
                Reason.ALIAS_CONFLICT);
        refused(
                AliasMove.after(
                        Optional.empty(),
                        owner.model(model),
                        new AliasName("never-was"),
                        Optional.empty()),
                Reason.ALIAS_CONFLICT);
        assertThat(only().getNumber()).isEqualTo(1);
    }

    /**
     * The owner signed one that was refused, or that nobody answered, and signs no other with it.
     */
    @Test
    void aNumberMayBeLeftOutAndIsNotComeBackTo() throws Exception {
        send(next(Optional.empty(), Optional.of(first.id())).numbered(3));
        VerifiedAlias begun = stored(only());
        AliasMove fourth = next(Optional.of(begun), Optional.of(second.id()));
        send(fourth.numbered(6));
        refused(fourth, Reason.ALIAS_CONFLICT);
        refused(fourth.numbered(7), Reason.ALIAS_CONFLICT); // its predecessor is not in force
        vault.restart();
        assertThat(stored(only()).move().seq()).isEqualTo(6);
    }

    /** A look has the vault verify signatures. */
    @Test
    void looksAreBounded() {
        for (int i = 0; i < 300; i++) {
            looksAtNothing();
        }
        Refusal.of(AliasTest::looksAtNothing).isFor(Reason.TOO_MANY_REQUESTS);
        list(); // whoever else looks is not held up
        vault.clock.advance(Duration.ofMinutes(1));
        looksAtNothing();
    }

    private static void looksAtNothing() {
        other.models().listAliases(ListAliasesRequest.newBuilder().setModel("other/none").build());
    }

    @Test
    void anotherTenantsModelIsNotMoved() throws Exception {
        AliasMove theirs = next(Optional.empty(), Optional.of(first.id()));
        Refusal.of(() -> send(other, sign(theirs, other.signer))).isFor(Reason.TENANT_DENIED);
        Refusal.of(() ->
                        other.models()
                                .listAliases(
                                        ListAliasesRequest.newBuilder()
                                                .setModel("acme/" + model)
                                                .build()))
                .isFor(Reason.TENANT_DENIED);
    }

    @Test
    void meansOnlyVersionsThatThereAreAndThatAreNotRevoked() throws Exception {
        refused(
                next(Optional.empty(), Optional.of(VersionId.random(TestOwner.RANDOM))),
                Reason.VERSION_NOT_FOUND);
        Sealed unfinished = owner.seal(model, TestOwner.weights(100));
        owner.begin(unfinished);
        refused(next(Optional.empty(), Optional.of(unfinished.id())), Reason.VERSION_NOT_FOUND);
        Sealed ofAnother = pushedAsAnother();
        model = "bert";
        refused(next(Optional.empty(), Optional.of(ofAnother.id())), Reason.VERSION_NOT_FOUND);
        for (List<String> target :
                List.of(
                        List.of("version", "acme/" + model + ":1"),
                        List.of("model", "acme/" + model))) {
            var revoked =
                    RevocationTarget.newBuilder()
                            .setKind(target.getFirst())
                            .setSubject(target.getLast())
                            .build();
            var admin = AdminGrpc.newBlockingStub(vault.connect(vault.operator));
            admin.revoke(RevokeRequest.newBuilder().setTarget(revoked).setReason("bad").build());
            Refusal.of(() -> send(next(Optional.empty(), Optional.of(first.id()))))
                    .isFor(Reason.ALIAS_TARGET_REFUSED)
                    .saying("is revoked");
            admin.liftRevocation(
                    LiftRevocationRequest.newBuilder()
                            .setTarget(revoked)
                            .setReason("good")
                            .build());
        }
        send(next(Optional.empty(), Optional.of(first.id())));
    }

    /** So that a node that goes by it is not sent after a version that nobody gives it. */
    @Test
    void meansNoVersionWhosePoliciesAreNotInForce() throws Exception {
        Sealed another = pushedAsAnother();
        owner.set(
                release(
                        vault.clock.instant().plus(Duration.ofMinutes(10)),
                        TestOwner.releaseBody()));
        AliasMove move = next(Optional.empty(), Optional.of(another.id()));
        vault.clock.advance(Duration.ofMinutes(11));
        refused(move, Reason.POLICY_UNMET);
        vault.clock.advance(Duration.ofMinutes(-11));
        send(move);
    }

    /** What the owner has left behind is not gone back to, whoever asks. */
    @Test
    void aVersionBeforeTheEarliestOfThePolicyIsNeitherMeantNorReleasedNorRenewed()
            throws Exception {
        Sealed early = pushedAsAnother();
        Sealed late = pushed(model);
        var node = new TestNode(owner);
        node.ask(node.request(early, policies));
        VerifiedAlias begun = moved(Optional.empty(), Optional.of(late.id()));
        Digest floor =
                owner.set(
                        TestOwner.demanding(
                                owner.policy(
                                        Kind.RELEASE, model, 2, Optional.of(policies.release())),
                                "\"minVersion\":2"));
        var now = new Policies(floor, 2, policies.output());
        Refusal.of(() -> send(next(Optional.of(begun), Optional.of(early.id()))))
                .isFor(Reason.ALIAS_TARGET_REFUSED)
                .saying("none before 2");
        Refusal.of(() -> node.renew(node.renewal(early, now))).byRenewalRule("policy.min-version");
        var another = new TestNode(owner);
        Refusal.of(() -> another.ask(another.request(early, now))).byRule("policy.min-version");
        another.ask(another.request(late, now));
    }

    /** Which is moving it to no version: its numbers go on from there. */
    @Test
    void aRemovedAliasIsNotBegunAnew() throws Exception {
        AliasMove begin = next(Optional.empty(), Optional.of(first.id()));
        send(begin);
        VerifiedAlias last = stored(only());
        VerifiedAlias gone = moved(Optional.of(last), Optional.empty());
        assertThat(only().getNumber()).isZero();
        refused(begin, Reason.ALIAS_CONFLICT);
        moved(Optional.of(gone), Optional.of(second.id()));
        assertThat(only().getNumber()).isEqualTo(2);
    }

    @Test
    void whoWritesAnEarlierMoveBackIsNotBelieved() throws Exception {
        VerifiedAlias begun = moved(Optional.empty(), Optional.of(first.id()));
        String earlier = HexFormat.of().formatHex(only().getMove().toByteArray());
        VerifiedAlias last = moved(Optional.of(begun), Optional.of(second.id()));
        String row = " WHERE alias = '" + production + "'";
        vault.sql("UPDATE alias SET envelope = x'" + earlier + "'" + row);
        Refusal.of(this::list).isFor(Reason.ALIAS_NOT_AUTHENTIC);
        refused(next(Optional.of(begun), Optional.of(first.id())), Reason.ALIAS_NOT_AUTHENTIC);
        vault.restart();
        Refusal.of(this::list).isFor(Reason.ALIAS_NOT_AUTHENTIC);
        vault.sql("DELETE FROM alias" + row);
        Refusal.of(this::list).isFor(Reason.ALIAS_NOT_AUTHENTIC);
        refused(next(Optional.empty(), Optional.of(first.id())), Reason.ALIAS_NOT_AUTHENTIC);
        vault.sql(
                "INSERT INTO alias VALUES ('acme', 'bert', '%s', x'%s')"
                        .formatted(
                                production,
                                HexFormat.of()
                                        .formatHex(sign(last.move(), owner.signer).encode())));
        assertThat(only().getNumber()).as("as it was").isEqualTo(2);
    }

    @Test
    void nodesOfTheModelHearOfAMoveAtOnce() throws Exception {
        var node = new TestNode(owner);
        node.ask(node.request(second, policies));
        VerifiedAlias begun;
        try (var watch = node.watch("acme/" + model)) {
            watch.next(Notice.Tick.class);
            long from = System.nanoTime();
            InclusionProof proof = send(next(Optional.empty(), Optional.of(first.id())));
            assertThat(watch.next(Notice.AliasMoved.class).auditLeaf())
                    .isEqualTo(proof.getLeafIndex());
            assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(TestWatch.AT_ONCE);
            begun = stored(only());
        }
        InclusionProof unheard = send(next(Optional.of(begun), Optional.of(second.id())));
        try (var watch = node.watch("acme/" + model)) {
            assertThat(watch.next(Notice.AliasMoved.class).auditLeaf())
                    .as("one that was moved while nobody listened")
                    .isEqualTo(unheard.getLeafIndex());
        }
    }

    /** Whatever an alias means, the version's own policies say who gets its key. */
    @Test
    void anAliasGivesNobodyAKey() throws Exception {
        Sealed another = pushedAsAnother();
        send(next(Optional.empty(), Optional.of(another.id())));
        String later =
                "{\"version\":1,\"minPosture\":\"hardened\","
                        + new String(TestOwner.releaseBody(), StandardCharsets.UTF_8)
                                .replaceFirst("^.*?\"require\"", "\"require\"");
        Digest strict =
                owner.set(
                        release(
                                vault.clock.instant().plus(Duration.ofDays(30)),
                                later.getBytes(StandardCharsets.UTF_8)));
        var node = new TestNode(owner);
        Refusal.of(() ->
                        node.ask(node.request(another, new Policies(strict, 2, policies.output()))))
                .byRule("policy.posture");
    }

    /** The second revision. */
    private PolicyDocument release(Instant notAfter, byte[] body) {
        return new PolicyDocument(
                Kind.RELEASE,
                owner.model(model),
                TestOwner.RELEASE_ID,
                2,
                Optional.of(policies.release()),
                notAfter,
                body);
    }

    // What the owner's command does.

    private AliasMove next(Optional<VerifiedAlias> before, Optional<VersionId> target) {
        return AliasMove.after(before, owner.model(model), production, target);
    }

    private static Dsse sign(AliasMove move, StatementSigner by) {
        try {
            return move.sign(by);
        } catch (SignatureException e) {
            throw new IllegalStateException(e);
        }
    }

    private static InclusionProof send(AliasMove move) {
        return send(owner, sign(move, owner.signer));
    }

    private static InclusionProof send(TestOwner by, Dsse move) {
        return by.models()
                .moveAlias(
                        MoveAliasRequest.newBuilder()
                                .setMove(ByteString.copyFrom(move.encode()))
                                .build())
                .getProof();
    }

    private VerifiedAlias moved(Optional<VerifiedAlias> before, Optional<VersionId> target)
            throws Exception {
        send(next(before, target));
        return stored(only());
    }

    private static void refused(AliasMove move, Reason reason) {
        refused(owner, sign(move, owner.signer), reason);
    }

    private static void refused(TestOwner by, Dsse move, Reason reason) {
        Refusal.of(() -> send(by, move)).isFor(reason);
    }

    private ListAliasesResponse list() {
        return owner.models()
                .listAliases(ListAliasesRequest.newBuilder().setModel("acme/" + model).build());
    }

    /** The alias of this test. */
    private ListAliasesResponse.Alias only() throws Exception {
        for (ListAliasesResponse.Alias each : list().getAliasesList()) {
            if (stored(each).move().alias().equals(production)) {
                return each;
            }
        }
        throw new AssertionError(production + " is not listed");
    }

    private VerifiedAlias stored(ListAliasesResponse.Alias alias) throws Exception {
        assertThat(list().getOwnerSpki().toByteArray())
                .isEqualTo(owner.root.getPublic().getEncoded());
        return AliasMove.verify(
                Dsse.decode(alias.getMove().toByteArray()),
                owner.ownerId(),
                owner.root.getPublic().getEncoded());
    }
}
