package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.LiftRevocationRequest;
import dev.strongroom.proto.v1.ListRevocationsRequest;
import dev.strongroom.proto.v1.ListRevocationsResponse.Revocation;
import dev.strongroom.proto.v1.RevocationTarget;
import dev.strongroom.proto.v1.RevokeRequest;
import dev.strongroom.proto.v1.RevokeResponse;
import dev.strongroom.proto.v1.WithdrawIdentityRequest;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import io.grpc.StatusException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is revoked is told at once, and neither released nor renewed, over the real API. */
class RevocationTest {
    private static final AtomicInteger TENANTS = new AtomicInteger();

    @TempDir static Path dir;
    private static TestVault vault;
    private String tenant;
    private String model;
    private TestOwner owner;
    private Policies policies;
    private Sealed version;
    private TestNode node;
    private Lease lease;

    @BeforeAll
    static void start() throws Exception {
        vault = new TestVault(dir);
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    @BeforeEach
    void lease() throws Exception {
        tenant = "acme-" + TENANTS.incrementAndGet();
        model = tenant + "/bert";
        owner = vault.tenant(tenant);
        policies = owner.setPolicies("bert");
        version = owner.seal("bert", TestOwner.weights(100));
        owner.push(version);
        node = new TestNode(owner);
        lease = node.lease(node.ask(node.request(version, policies)).getLease());
    }

    @Test
    void tellsANodeAtOnceForEveryKindOfRevocation() throws Exception {
        String chip =
                HexFormat.of()
                        .formatHex(
                                dev.strongroom.attestation.snp.SnpReport.parse(
                                                node.evidence(
                                                                node.guest(),
                                                                node.transcript(
                                                                        dev.strongroom.attestation
                                                                                .Role.SERVE,
                                                                        version,
                                                                        policies,
                                                                        node.nonce()))
                                                        .document())
                                        .chipId());
        List<List<String>> targets =
                List.of(
                        List.of("node", uri(node.identity)),
                        List.of("model", model),
                        List.of("version", model + ":1"),
                        List.of("measurement", HexFormat.of().formatHex(TestOwner.MEASUREMENT)),
                        List.of("chip", chip),
                        List.of("policy", policies.release().hex()),
                        List.of("policy", policies.output().hex()));
        for (List<String> target : targets) {
            var served = new TestNode(owner, node.identity);
            served.ask(served.request(version, policies));
            try (var watch = served.watch(model)) {
                assertThat(watch.next().message()).isInstanceOf(Notice.Tick.class);
                RevokeResponse done = revoke(vault.operator, target.get(0), target.get(1));
                assertThat(done.getConnected()).isEqualTo(1);
                assertThat(done.getLeases()).isGreaterThanOrEqualTo(1);
                var told = watch.next(Notice.Revoked.class);
                assertThat(told.rule()).isEqualTo("revoked." + target.get(0));
                assertThat(told.reason()).isEqualTo("leaked");
                assertThat(told.auditLeaf()).isEqualTo(done.getProof().getLeafIndex());
                assertThat(watch.hasEnded()).isTrue();
            }
            Refusal.of(() -> served.renew(served.renewal(version, policies)))
                    .byRenewalRule("revoked." + target.get(0));
            var later = new TestNode(owner, node.identity);
            Refusal.of(() -> later.ask(later.request(version, policies)))
                    .byRule("revoked." + target.get(0))
                    .saying("leaked");
            lift(vault.operator, target.get(0), target.get(1));
            later.ask(later.request(version, policies));
            Refusal.of(() -> served.renew(served.renewal(version, policies)))
                    .byRenewalRule("revoked." + target.get(0));
        }
    }

    @Test
    void remembersAfterARestartAndTellsWhoComesBack() throws Exception {
        revoke(vault.operator, "model", model);
        vault.restart();
        try (var watch = node.watch(model)) {
            assertThat(watch.next(Notice.Revoked.class).rule()).isEqualTo("revoked.model");
        }
        Refusal.of(() -> revoke(vault.operator, "model", model)).isFor(Reason.REVOCATION_EXISTS);
        assertThat(list(vault.operator))
                .anySatisfy(each -> {
                    assertThat(each.getTarget().getSubject()).isEqualTo(model);
                    assertThat(each.getScope()).isEqualTo("-");
                });
    }

    @Test
    void keepsTheWordOfAnOwnerFromAnOperatorAndTenantsFromEachOther() {
        TestIdentity mine = vault.issue(tenant, "owner");
        String other = tenant + "-other";
        vault.tenant(other);
        TestIdentity theirs = vault.issue(other, "owner");
        Refusal.of(() -> revoke(theirs, "model", model)).isFor(Reason.TENANT_DENIED);
        revoke(theirs, "measurement", HexFormat.of().formatHex(TestOwner.MEASUREMENT));
        node.renew(node.renewal(version, policies)); // is of another tenant
        assertThat(list(mine)).isEmpty();
        revoke(mine, "model", model);
        Refusal.of(() -> lift(vault.operator, "model", model)).isFor(Reason.REVOCATION_NOT_FOUND);
        Refusal.of(() -> node.renew(node.renewal(version, policies)))
                .byRenewalRule("revoked.model");
        lift(mine, "model", model);
        assertThat(list(mine)).isEmpty();
    }

    @Test
    void revokesWhatTheLogKnowsWhateverTheRowsSay() throws Exception {
        vault.sql("UPDATE version SET model = 'hidden' WHERE tenant = '" + tenant + "'");
        try (var watch = node.watch(model)) {
            revoke(vault.operator, "version", model + ":1");
            assertThat(watch.next(Notice.Revoked.class).rule()).isEqualTo("revoked.version");
        }
        revoke(vault.operator, "model", model);
    }

    @Test
    void refusesWhatItCannotMean() {
        refusesTarget(Reason.REQUEST_MALFORMED, "planet", "mars");
        refusesTarget(Reason.REQUEST_MALFORMED, "measurement", "ABCD");
        refusesTarget(Reason.REQUEST_MALFORMED, "version", model);
        refusesTarget(
                Reason.REQUEST_MALFORMED, "node", "spiffe://strongroom/" + tenant + "/owner/x");
        refusesTarget(Reason.VERSION_NOT_FOUND, "model", tenant + "/brt");
        refusesTarget(Reason.VERSION_NOT_FOUND, "version", model + ":9");
        refusesTarget(
                Reason.IDENTITY_NOT_FOUND,
                "node",
                "spiffe://strongroom/" + tenant + "/node/nobody");
        Refusal.of(() -> revoke(vault.operator, "model", model, "two\nlines"))
                .isFor(Reason.REQUEST_MALFORMED);
        Refusal.of(() -> revoke(vault.operator, "model", model, " "))
                .isFor(Reason.REQUEST_MALFORMED);
    }

    private void refusesTarget(Reason reason, String kind, String subject) {
        Refusal.of(() -> revoke(vault.operator, kind, subject)).isFor(reason);
    }

    @Test
    void tellsANodeOfWithdrawnConsumersAndOfItsOwnWithdrawal() throws Exception {
        TestIdentity early = vault.issue(tenant, "consumer");
        TestIdentity late = vault.issue(tenant, "consumer");
        withdraw(early);
        try (var watch = node.watch(model)) {
            assertThat(watch.next(Notice.Withdrawn.class).keys()).containsExactly(key(early));
            assertThat(watch.next().message()).isInstanceOf(Notice.Tick.class);
            withdraw(late);
            assertThat(watch.next(Notice.Withdrawn.class).keys()).containsExactly(key(late));
            withdraw(node.identity);
            assertThat(watch.next(Notice.Revoked.class).rule()).isEqualTo("identity.withdrawn");
        }
        try (var again = node.watch(model)) {
            assertThat(again.next(Notice.Revoked.class).rule()).isEqualTo("identity.withdrawn");
        }
        Refusal.of(() -> node.nonce()).isFor(Reason.CERTIFICATE_WITHDRAWN);
        assertThat(node.report(node.zeroisation(lease), node.tls).getProof().getLeafIndex())
                .isPositive();
    }

    @Test
    void wakesOnlyTheNodesThatARevocationIsAbout() throws Exception {
        long from = System.nanoTime();
        try (var watch = node.watch(model)) {
            assertThat(watch.next().message()).isInstanceOf(Notice.Tick.class);
            for (int i = 0; i < 20; i++) {
                revoke(vault.operator, "chip", "no-such-chip-" + tenant + "-" + i);
            }
            revoke(vault.operator, "model", model);
            int ticks = 0;
            while (!(watch.next().message() instanceof Notice.Revoked)) {
                ticks++;
            }
            assertThat(ticks).isLessThanOrEqualTo(tensOfSecondsSince(from));
        }
    }

    private static int tensOfSecondsSince(long nanos) {
        return (int) (Duration.ofNanos(System.nanoTime() - nanos).toSeconds() / 10);
    }

    @Test
    void whoRevokesWithoutPauseIsSlowedDownAloneAndEndsNothing() throws Exception {
        AdminGrpc.AdminBlockingStub busy = admin(vault.issue(tenant, "owner"));
        var nonsense =
                RevokeRequest.newBuilder()
                        .setTarget(target("planet", "mars"))
                        .setReason("x")
                        .build();
        for (int i = 0; i < 240; i++) {
            Refusal.of(() -> busy.revoke(nonsense)).isFor(Reason.REQUEST_MALFORMED);
        }
        Refusal.of(() -> busy.revoke(nonsense)).isFor(Reason.TOO_MANY_REQUESTS);
        Refusal.of(() ->
                        busy.liftRevocation(
                                LiftRevocationRequest.newBuilder()
                                        .setTarget(target("model", model))
                                        .setReason("x")
                                        .build()))
                .isFor(Reason.TOO_MANY_REQUESTS);
        node.renew(node.renewal(version, policies));
        revoke(vault.issue(tenant, "owner"), "model", model);
    }

    @Test
    void aNodeThatKeepsOpeningItsStreamIsSlowedDownAlone() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (var watch = node.watch(model)) {
                watch.next();
            }
        }
        Refusal.of(() -> firstOf(node)).isFor(Reason.TOO_MANY_REQUESTS);
        var other = new TestNode(owner, node.identity); // another boot of the same node
        other.ask(other.request(version, policies));
        firstOf(other);
    }

    private void firstOf(TestNode watching) throws Exception {
        try (var watch = watching.watch(model)) {
            watch.next();
        } catch (StatusException e) {
            throw e.getStatus().asRuntimeException(e.getTrailers());
        }
    }

    @Test
    void opensNoStreamForAnothersBoot() {
        var stranger = new TestNode(owner);
        System.arraycopy(node.bootId, 0, stranger.bootId, 0, node.bootId.length);
        Refusal.of(() -> firstOf(stranger)).isFor(Reason.LEASE_NOT_FOUND);
    }

    private static Digest key(TestIdentity identity) {
        return Digest.sha256(identity.key().getPublic().getEncoded());
    }

    private static String uri(TestIdentity identity) throws Exception {
        return (String)
                identity.certificate().getSubjectAlternativeNames().iterator().next().get(1);
    }

    private AdminGrpc.AdminBlockingStub admin(TestIdentity caller) {
        return AdminGrpc.newBlockingStub(vault.connected(caller));
    }

    private void withdraw(TestIdentity identity) throws Exception {
        admin(vault.operator)
                .withdrawIdentity(
                        WithdrawIdentityRequest.newBuilder().setIdentity(uri(identity)).build());
    }

    private RevokeResponse revoke(TestIdentity caller, String kind, String subject) {
        return revoke(caller, kind, subject, "leaked");
    }

    private RevokeResponse revoke(TestIdentity caller, String kind, String subject, String reason) {
        return admin(caller)
                .revoke(
                        RevokeRequest.newBuilder()
                                .setTarget(target(kind, subject))
                                .setReason(reason)
                                .build());
    }

    private void lift(TestIdentity caller, String kind, String subject) {
        admin(caller)
                .liftRevocation(
                        LiftRevocationRequest.newBuilder()
                                .setTarget(target(kind, subject))
                                .setReason("put right")
                                .build());
    }

    private List<Revocation> list(TestIdentity caller) {
        return admin(caller)
                .listRevocations(ListRevocationsRequest.getDefaultInstance())
                .getRevocationsList();
    }

    private static RevocationTarget target(String kind, String subject) {
        return RevocationTarget.newBuilder().setKind(kind).setSubject(subject).build();
    }
}
