package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.DecoyPlanting;
import dev.strongroom.crypto.format.GuardMeasure;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.crypto.format.QuarantineLift;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.ApprovalsGrpc;
import dev.strongroom.proto.v1.AuditGrpc;
import dev.strongroom.proto.v1.DecoysGrpc;
import dev.strongroom.proto.v1.FetchObjectRequest;
import dev.strongroom.proto.v1.GetPoliciesRequest;
import dev.strongroom.proto.v1.GetVersionRequest;
import dev.strongroom.proto.v1.GetVersionResponse;
import dev.strongroom.proto.v1.GuardsGrpc;
import dev.strongroom.proto.v1.LiftQuarantineRequest;
import dev.strongroom.proto.v1.ListApprovalsRequest;
import dev.strongroom.proto.v1.ListDecoysRequest;
import dev.strongroom.proto.v1.ListLeavesRequest;
import dev.strongroom.proto.v1.ListModelsRequest;
import dev.strongroom.proto.v1.ListQuarantinesRequest;
import dev.strongroom.proto.v1.ListQuarantinesResponse.Quarantine;
import dev.strongroom.proto.v1.ModelsGrpc;
import dev.strongroom.proto.v1.PlantDecoyRequest;
import dev.strongroom.proto.v1.RemoveDecoyRequest;
import dev.strongroom.proto.v1.ReportRefusedKeyRequest;
import dev.strongroom.proto.v1.VersionReference;
import dev.strongroom.proto.v1.WithdrawIdentityRequest;
import dev.strongroom.testkit.Eventually;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.StartupException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.security.SignatureException;
import java.security.cert.CertificateParsingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever touches a decoy is heard of within a second and out at once, over the real API. */
class DecoyTest {
    private static final AtomicInteger MODELS = new AtomicInteger();

    @TempDir static Path dir;
    private static TestVault vault;
    private static TestOwner owner;
    private String bert;
    private String gpt;
    private Policies policies;
    private Policies decoyPolicies;
    private Sealed real;
    private Sealed decoy;
    private TestIdentity thief;

    @BeforeAll
    static void start() throws Exception {
        vault = new TestVault(dir);
        owner = vault.tenant("acme");
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    @BeforeEach
    void publish() {
        int number = MODELS.incrementAndGet();
        bert = "bert-" + number;
        gpt = "gpt-" + number;
        policies = owner.setPolicies(bert);
        real = owner.seal(bert, TestOwner.weights(100));
        owner.push(real);
        decoyPolicies = owner.setPolicies(gpt);
        decoy = owner.seal(gpt, TestOwner.weights(100));
        owner.push(decoy);
        thief = vault.issue("acme", "consumer");
    }

    @Test
    void whoReadsADecoyModelIsAnsweredAndThenOut() throws Exception {
        plant("model", "acme/" + gpt);
        long from = System.nanoTime();
        assertThat(version(thief, gpt).getManifest().isEmpty()).isFalse();
        Quarantine alarm = awaitAlarm(thief);
        assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(TestWatch.AT_ONCE);
        assertThat(alarm.getKind()).isEqualTo("model");
        assertThat(alarm.getMethod()).isEqualTo("strongroom.v1.Models/GetVersion");
        assertThat(alarm.getSource()).isEqualTo("127.0.0.1");
        isOut(thief);
        AuditRecord record = touchOf(thief).orElseThrow();
        assertThat(record.fields().get("decoy")).isEqualTo(alarm.getDecoy());
        assertThat(record.toString()).doesNotContain(gpt);
    }

    @Test
    void everyOtherWayToADecoyModelIsATouchToo() throws Exception {
        plant("model", "acme/" + gpt);
        TestIdentity reader = vault.issue("acme", "auditor");
        models(reader).getPolicies(GetPoliciesRequest.newBuilder().setModel("acme/" + gpt).build());
        awaitAlarm(reader);
        TestIdentity owning = vault.issue("acme", "owner");
        assertThat(bytes(owning, decoy)).isEqualTo(decoy.files().getFirst());
        awaitAlarm(owning);
        var node = new TestNode(owner);
        Refusal.of(() -> node.ask(node.request(decoy, policies)))
                .isFor(Reason.CERTIFICATE_WITHDRAWN);
        awaitAlarm(node.identity);
        isOut(reader);
        isOut(owning);
        isOut(node.identity);
    }

    @Test
    void whoAsksForADecoyKeyIsRefusedAndOutAndHisLeasesEnd() throws Exception {
        Sealed second = owner.seal(bert, TestOwner.weights(100));
        owner.push(second);
        refusesDecoy(Reason.DECOY_IN_USE, "key", "acme/" + bert + ":2"); // the latest one
        owner.push(owner.seal(bert, TestOwner.weights(100)));
        plant("key", "acme/" + bert + ":2");
        var node = new TestNode(owner);
        node.ask(node.request(real, policies));
        version(thief, bert);
        try (var watch = node.watch("acme/" + bert)) {
            var _ = watch.next(Notice.Tick.class);
            Refusal.of(() -> node.ask(node.request(second, policies)))
                    .isFor(Reason.CERTIFICATE_WITHDRAWN);
            assertThat(watch.next(Notice.Revoked.class).rule()).isEqualTo("identity.quarantined");
        }
        assertThat(awaitAlarm(node.identity).getKind()).isEqualTo("key");
        assertThat(touchOf(thief)).isEmpty();
        isOut(node.identity);
    }

    @Test
    void aDecoyCredentialLooksLikeOneThatWasWithdrawn() throws Exception {
        TestIdentity lost = vault.issue("acme", "owner");
        TestIdentity withdrawn = vault.issue("acme", "owner");
        var _ =
                AdminGrpc.newBlockingStub(vault.connected(vault.operator))
                        .withdrawIdentity(
                                WithdrawIdentityRequest.newBuilder()
                                        .setIdentity(uri(withdrawn))
                                        .build());
        plant("credential", uri(lost));
        Refusal as = Refusal.of(() -> list(withdrawn)).isFor(Reason.CERTIFICATE_WITHDRAWN);
        Refusal seen = Refusal.of(() -> list(lost)).isFor(Reason.CERTIFICATE_WITHDRAWN);
        assertThat(seen.message().replaceAll("[0-9a-f]{12}", ""))
                .isEqualTo(as.message().replaceAll("[0-9a-f]{12}", ""));
        assertThat(awaitAlarm(lost).getKind()).isEqualTo("credential");
    }

    @Test
    void aNodeRefusesADecoyCredentialTooAndTellsTheVault() throws Exception {
        TestIdentity lost = vault.issue("acme", "consumer");
        plant("credential", uri(lost));
        var node = new TestNode(owner);
        node.ask(node.request(real, policies));
        try (var watch = node.watch("acme/" + bert)) {
            assertThat(watch.next(Notice.Withdrawn.class).keys()).contains(key(lost));
        }
        report(node, key(thief));
        report(node, key(lost));
        assertThat(awaitAlarm(lost).getMethod()).isEqualTo("at " + uri(node.identity));
        assertThat(touchOf(thief)).as("what a node says frames nobody").isEmpty();
    }

    /** A node that lies burns no decoy: whoever uses it then is heard of all the same. */
    @Test
    void whatANodeSaysDisarmsNothing() throws Exception {
        TestIdentity lost = vault.issue("acme", "consumer");
        plant("credential", uri(lost));
        var node = new TestNode(owner);
        node.ask(node.request(real, policies));
        report(node, key(lost));
        awaitAlarm(lost);
        for (int i = 0; i < 3; i++) {
            report(node, key(lost));
            isOut(lost);
        }
        List<AuditRecord> touches = awaitTouches(lost, 2);
        assertThat(touches)
                .extracting(touch -> touch.fields().get("word"))
                .containsExactly("hearsay", "own");
        assertThat(touches.getLast().fields()).containsEntry("source", "127.0.0.1");
        vault.clock.advance(Duration.ofMinutes(10));
        isOut(lost);
        awaitTouches(lost, 3);
        vault.clock.advance(Duration.ofMinutes(-10));
        Refusal.of(
                        () -> {
                            for (int i = 0; i < 100; i++) {
                                report(node, key(thief));
                            }
                        })
                .isFor(Reason.TOO_MANY_REQUESTS);
    }

    private static List<AuditRecord> awaitTouches(TestIdentity who, int count) throws Exception {
        return Eventually.first(
                () ->
                        leaves(vault.operator).stream()
                                .filter(record -> record.type().equals(AuditRecord.DECOY_TOUCHED))
                                .filter(record -> record.actor().equals(uri(who)))
                                .toList(),
                touches -> touches.size() >= count);
    }

    /** What was under way when he was put out gives him nothing. */
    @Test
    void aReleaseUnderWayEndsWithTheQuarantine() throws Exception {
        String name = "strongroom.v1.Models/ExportAll";
        plant("method", name);
        var node = new TestNode(owner);
        var request = node.request(real, policies);
        vault.clock.duringVerification(() -> {
            call(vault.connect(node.identity), name);
            awaitAlarm(node.identity);
        });
        Refusal.of(() -> node.ask(request)).byRule("identity.withdrawn");
        var other = new TestNode(owner);
        other.ask(other.request(real, policies));
        var renewal = other.renewal(real, policies);
        vault.clock.duringVerification(() ->
                AdminGrpc.newBlockingStub(vault.connected(vault.operator))
                        .withdrawIdentity(
                                WithdrawIdentityRequest.newBuilder()
                                        .setIdentity(uri(other.identity))
                                        .build()));
        Refusal.of(() -> other.renew(renewal)).byRenewalRule("identity.withdrawn");
    }

    private void report(TestNode node, Digest key) {
        GuardsGrpc.newBlockingStub(vault.connect(node.identity))
                .reportRefusedKey(
                        ReportRefusedKeyRequest.newBuilder()
                                .setModel("acme/" + bert)
                                .setBootId(ByteString.copyFrom(node.bootId))
                                .setKey(ByteString.copyFrom(key.bytes()))
                                .setSource("10.0.0.7")
                                .build());
    }

    private static Digest key(TestIdentity who) {
        return Digest.sha256(who.key().getPublic().getEncoded());
    }

    @Test
    void aDecoyMethodIsAnsweredLikeAnyThatIsNotThere() throws Exception {
        String name = "strongroom.v1.Models/ExportWeights";
        plant("method", name);
        TestIdentity other = vault.issue("acme", "consumer");
        StatusRuntimeException missing = call(vault.connect(other), "strongroom.v1.Models/Nothing");
        StatusRuntimeException seen = call(vault.connect(thief), name);
        assertThat(seen.getStatus().getCode()).isEqualTo(missing.getStatus().getCode());
        assertThat(String.valueOf(seen.getMessage()).replace(name, ""))
                .isEqualTo(
                        String.valueOf(missing.getMessage())
                                .replace("strongroom.v1.Models/Nothing", ""));
        assertThat(seen.getTrailers().keys()).isEqualTo(missing.getTrailers().keys());
        assertThat(awaitAlarm(thief).getMethod()).isEqualTo(name);
        isOut(thief);
        list(other);
    }

    @Test
    void nobodyButOperatorsSeesWhatIsADecoy() throws Exception {
        TestIdentity owning = vault.issue("acme", "owner");
        var before = list(thief);
        var described = version(owning, gpt);
        long leaves = leaves(owning).size();
        plant("model", "acme/" + gpt);
        assertThat(list(thief)).isEqualTo(before);
        assertThat(leaves(owning)).hasSize((int) leaves);
        assertThat(leaves(vault.operator).getLast().fields().toString()).doesNotContain(gpt);
        for (TestIdentity curious : List.of(owning, vault.issue("", "auditor"))) {
            Refusal.of(() ->
                            DecoysGrpc.newBlockingStub(vault.connect(curious))
                                    .listDecoys(ListDecoysRequest.getDefaultInstance()))
                    .isFor(Reason.ROLE_DENIED);
        }
        assertThat(version(owning, gpt)).isEqualTo(described);
    }

    @Test
    void anHonestDayTouchesNothing() throws Exception {
        Sealed spare = owner.seal(bert, TestOwner.weights(100));
        owner.push(spare);
        owner.push(owner.seal(bert, TestOwner.weights(100)));
        plant("model", "acme/" + gpt);
        plant("key", "acme/" + bert + ":2");
        plant("credential", uri(vault.issue("acme", "owner")));
        var node = new TestNode(owner);
        node.ask(node.request(real, policies));
        node.renew(node.renewal(real, policies));
        assertThat(bytes(node.identity, real)).isEqualTo(real.files().getFirst());
        list(thief);
        version(thief, bert);
        owner.push(owner.seal(bert, TestOwner.weights(100)));
        owner.rotate();
        vault.restart();
        list(thief);
        for (TestIdentity honest : List.of(owner.identity, node.identity, thief, vault.operator)) {
            assertThat(touchOf(honest)).isEmpty();
        }
    }

    @Test
    void onlyAnotherOperatorLetsSomebodyInAgain() throws Exception {
        plant("model", "acme/" + gpt);
        TestIdentity operator = vault.issue("", "operator");
        version(operator, gpt);
        awaitAlarm(operator);
        Refusal.of(() -> lift(operator, uri(operator))).isFor(Reason.CERTIFICATE_WITHDRAWN);
        Refusal.of(() -> lift(vault.issue("acme", "owner"), uri(operator)))
                .isFor(Reason.ROLE_DENIED);
        vault.restart();
        isOut(operator);
        lift(vault.operator, uri(operator));
        list(operator);
        Refusal.of(() -> lift(vault.operator, uri(operator))).isFor(Reason.QUARANTINE_NOT_FOUND);
        version(operator, gpt);
        awaitAlarm(operator);
        isOut(operator);
    }

    @Test
    void nodesSuspendWhoIsInQuarantineUntilHeIsLetInAgain() throws Exception {
        plant("model", "acme/" + gpt);
        var node = new TestNode(owner);
        node.ask(node.request(real, policies));
        try (var watch = node.watch("acme/" + bert)) {
            var _ = watch.next(Notice.Tick.class);
            long from = System.nanoTime();
            version(thief, gpt);
            var told = watch.next(Notice.Measures.class);
            assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(TestWatch.AT_ONCE);
            String name = uri(thief).substring("spiffe://strongroom/".length());
            assertThat(told.some())
                    .containsExactly(
                            new GuardMeasure(
                                    GuardMeasure.Whose.PRINCIPAL,
                                    name,
                                    GuardMeasure.Step.SUSPEND,
                                    GuardMeasure.NO_PARDON));
            lift(vault.operator, uri(thief));
            assertThat(watch.next(Notice.Measures.class).some()).isEmpty();
        }
    }

    @Test
    void refusesWhatCannotBeADecoy() throws Exception {
        refusesDecoy(Reason.REQUEST_MALFORMED, "planet", "mars");
        refusesDecoy(Reason.VERSION_NOT_FOUND, "model", "acme/none");
        refusesDecoy(Reason.VERSION_NOT_FOUND, "key", "acme/" + bert + ":7");
        refusesDecoy(
                Reason.IDENTITY_NOT_FOUND, "credential", "spiffe://strongroom/acme/owner/nobody");
        refusesDecoy(Reason.DECOY_IN_USE, "credential", uri(vault.operator));
        refusesDecoy(Reason.DECOY_IN_USE, "method", "strongroom.v1.Models/ListModels");
        var node = new TestNode(owner);
        node.ask(node.request(real, policies));
        refusesDecoy(Reason.DECOY_IN_USE, "model", "acme/" + bert);
        refusesDecoy(Reason.DECOY_IN_USE, "key", "acme/" + bert + ":1");
        plant("model", "acme/" + gpt);
        refusesDecoy(Reason.DECOY_EXISTS, "model", "acme/" + gpt);
        remove("model", "acme/" + gpt);
        Refusal.of(() -> remove("model", "acme/" + gpt)).isFor(Reason.DECOY_NOT_FOUND);
        version(thief, gpt);
        list(thief);
    }

    /** An operator alone puts nobody out who does his work, not even who worked long ago. */
    @Test
    void nobodyIsTrappedByWhatHeUses() throws Exception {
        var node = new TestNode(owner);
        node.ask(node.request(decoy, decoyPolicies));
        list(thief);
        vault.restart();
        TestIdentity reader = vault.issue("acme", "auditor");
        list(reader);
        vault.clock.advance(Duration.ofDays(2));
        refusesDecoy(Reason.DECOY_IN_USE, "model", "acme/" + gpt);
        owner.push(owner.seal(gpt, TestOwner.weights(100)));
        refusesDecoy(Reason.DECOY_IN_USE, "key", "acme/" + gpt + ":1");
        refusesDecoy(Reason.DECOY_IN_USE, "key", "acme/" + gpt + ":2");
        for (TestIdentity used :
                List.of(vault.issue("", "operator"), node.identity, owner.identity, reader)) {
            refusesDecoy(Reason.DECOY_IN_USE, "credential", uri(used));
        }
        vault.clock.advance(Duration.ofDays(-2));
    }

    private static void refusesDecoy(Reason reason, String kind, String subject) {
        Refusal.of(() -> plant(kind, subject)).isFor(reason);
    }

    @Test
    void doesNotStartWhenSomebodyTookADecoyOutOfTheDatabase(@TempDir Path other) throws Exception {
        try (var alone = new TestVault(other)) {
            DecoysGrpc.newBlockingStub(alone.connect(alone.operator))
                    .plantDecoy(decoy("method", "strongroom.v1.Keys/Unwrap"));
            alone.stop();
            alone.sql("DELETE FROM decoy");
            assertThatThrownBy(alone::start)
                    .isInstanceOf(StartupException.class)
                    .hasMessageContaining("decoys");
        }
    }

    @Test
    void whereThereAreApproversTheyMustAgree(@TempDir Path other) throws Exception {
        var approvers = new TestApprovals();
        try (var careful = new TestVault(other, Optional.of(approvers.roster()))) {
            TestIdentity curious = careful.issue("", "operator");
            var decoys = DecoysGrpc.newBlockingStub(careful.connect(careful.operator));
            var method = decoy("method", "strongroom.v1.Keys/Unwrap");
            Refusal.of(() -> decoys.plantDecoy(method)).isFor(Reason.APPROVAL_MISSING);
            agreeToPlant(approvers, careful, "strongroom.v1.Keys/Other");
            Refusal.of(() -> decoys.plantDecoy(method)).isFor(Reason.APPROVAL_MISSING);
            agreeToPlant(approvers, careful, "strongroom.v1.Keys/Unwrap");
            var _ = decoys.plantDecoy(method);
            assertThat(requests(careful, careful.operator)).isEqualTo(2);
            assertThat(requests(careful, careful.issue("", "auditor"))).isZero();
            call(careful.connect(curious), "strongroom.v1.Keys/Unwrap");
            var request = lifting(uri(curious));
            long leaf = awaitAlarm(careful, curious).getAuditLeaf();
            Refusal.of(() -> decoys.liftQuarantine(request)).isFor(Reason.APPROVAL_MISSING);
            var lift = new QuarantineLift(uri(curious), leaf);
            approvers.agree(careful, Change.of(lift), lift.encode());
            var _ = decoys.liftQuarantine(request);
            var _ =
                    ModelsGrpc.newBlockingStub(careful.connect(curious))
                            .listModels(ListModelsRequest.getDefaultInstance());
        }
    }

    private static void agreeToPlant(TestApprovals approvers, TestVault where, String method)
            throws SignatureException {
        var planting = new DecoyPlanting("method", method, "00".repeat(16));
        approvers.agree(where, Change.of(planting), planting.encode());
    }

    private static int requests(TestVault where, TestIdentity who) {
        return ApprovalsGrpc.newBlockingStub(where.connected(who))
                .listApprovals(ListApprovalsRequest.getDefaultInstance())
                .getApprovalsCount();
    }

    private static void plant(String kind, String subject) {
        DecoysGrpc.newBlockingStub(vault.connected(vault.operator))
                .plantDecoy(decoy(kind, subject));
    }

    private static PlantDecoyRequest decoy(String kind, String subject) {
        return PlantDecoyRequest.newBuilder().setKind(kind).setSubject(subject).build();
    }

    private static void remove(String kind, String subject) {
        DecoysGrpc.newBlockingStub(vault.connected(vault.operator))
                .removeDecoy(
                        RemoveDecoyRequest.newBuilder().setKind(kind).setSubject(subject).build());
    }

    private static void lift(TestIdentity caller, String identity) {
        DecoysGrpc.newBlockingStub(vault.connect(caller)).liftQuarantine(lifting(identity));
    }

    private static LiftQuarantineRequest lifting(String identity) {
        return LiftQuarantineRequest.newBuilder()
                .setIdentity(identity)
                .setReason("a mistake")
                .build();
    }

    private static Quarantine awaitAlarm(TestIdentity who) throws Exception {
        return awaitAlarm(vault, who);
    }

    private static Quarantine awaitAlarm(TestVault where, TestIdentity who) throws Exception {
        var decoys = DecoysGrpc.newBlockingStub(where.connected(where.operator));
        return Eventually.first(
                        () ->
                                decoys
                                        .listQuarantines(
                                                ListQuarantinesRequest.getDefaultInstance())
                                        .getQuarantinesList()
                                        .stream()
                                        .filter(each -> each.getIdentity().equals(uri(who)))
                                        .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private static void isOut(TestIdentity who) {
        Refusal.of(() -> list(who)).isFor(Reason.CERTIFICATE_WITHDRAWN);
    }

    private static Message list(TestIdentity who) {
        return models(who).listModels(ListModelsRequest.getDefaultInstance());
    }

    private static ModelsGrpc.ModelsBlockingStub models(TestIdentity who) {
        return ModelsGrpc.newBlockingStub(vault.connect(who));
    }

    private GetVersionResponse version(TestIdentity who, String model) {
        return models(who)
                .getVersion(
                        GetVersionRequest.newBuilder()
                                .setVersion(
                                        VersionReference.newBuilder()
                                                .setModel("acme/" + model)
                                                .setNumber(1))
                                .build());
    }

    private byte[] bytes(TestIdentity who, Sealed version) {
        var all = new ByteArrayOutputStream();
        models(who)
                .fetchObject(
                        FetchObjectRequest.newBuilder()
                                .setModel(version.model().toString())
                                .setVersionId(version.idBytes())
                                .build())
                .forEachRemaining(chunk -> all.writeBytes(chunk.getChunk().toByteArray()));
        return all.toByteArray();
    }

    private static StatusRuntimeException call(Channel channel, String method) {
        var like = ModelsGrpc.getListModelsMethod();
        return catchThrowableOfType(
                StatusRuntimeException.class,
                () ->
                        ClientCalls.blockingUnaryCall(
                                channel,
                                like.toBuilder().setFullMethodName(method).build(),
                                CallOptions.DEFAULT,
                                ListModelsRequest.getDefaultInstance()));
    }

    private static Optional<AuditRecord> touchOf(TestIdentity who) throws Exception {
        return leaves(vault.operator).stream()
                .filter(record -> record.type().equals(AuditRecord.DECOY_TOUCHED))
                .filter(record -> record.actor().equals(uri(who)))
                .findFirst();
    }

    private static List<AuditRecord> leaves(TestIdentity who) throws SealedFormatException {
        var leaves = new ArrayList<AuditRecord>();
        var answers =
                AuditGrpc.newBlockingStub(vault.connect(who))
                        .listLeaves(ListLeavesRequest.getDefaultInstance());
        while (answers.hasNext()) {
            leaves.add(AuditRecord.decode(answers.next().getLeaf().toByteArray()));
        }
        return leaves;
    }

    private static String uri(TestIdentity who) {
        try {
            return String.valueOf(
                    who.certificate().getSubjectAlternativeNames().iterator().next().get(1));
        } catch (CertificateParsingException e) {
            throw new IllegalStateException(e);
        }
    }
}
