package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.GuardMeasure;
import dev.strongroom.crypto.format.GuardMeasure.Step;
import dev.strongroom.crypto.format.GuardMeasure.Whose;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.proto.v1.GuardsGrpc;
import dev.strongroom.proto.v1.ListMeasuresRequest;
import dev.strongroom.proto.v1.ListMeasuresResponse.Measure;
import dev.strongroom.proto.v1.LoosenRequest;
import dev.strongroom.proto.v1.MeasureSubject;
import dev.strongroom.proto.v1.TightenRequest;
import dev.strongroom.proto.v1.TightenResponse;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** People tighten at once, and each takes back only what he did, over the real API. */
class MeasureTest {
    private static final String MODEL = "acme/bert";

    @TempDir static Path dir;
    private static TestVault vault;
    private static TestOwner owner;
    private static Policies policies;
    private static Sealed version;
    private TestNode node;
    private String eve;

    @BeforeAll
    static void start() throws Exception {
        vault = new TestVault(dir);
        owner = vault.tenant("acme");
        policies = owner.setPolicies("bert");
        version = owner.seal("bert", TestOwner.weights(100));
        owner.push(version);
    }

    @BeforeEach
    void lease() {
        node = new TestNode(owner);
        node.ask(node.request(version, policies));
        eve = "acme/consumer/" + name(vault.issue("acme", "consumer"));
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    @Test
    void nodesHearAtOnceAndWhoComesBackHearsAllOfIt() throws Exception {
        try (var watch = node.watch(MODEL)) {
            assertThat(watch.next().message()).isInstanceOf(Notice.Tick.class);
            long from = System.nanoTime();
            TightenResponse done = tighten(vault.operator, "principal", eve, "degrade");
            assertThat(watch.next(Notice.Measures.class).some())
                    .containsExactly(new GuardMeasure(Whose.PRINCIPAL, eve, Step.DEGRADE, 1));
            assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(TestWatch.AT_ONCE);
            assertThat(done.getConnected()).isEqualTo(1);
        }
        vault.issue("acme", "consumer", "eve-and-sons");
        tighten(owner.identity, "group", "eve-and-sons", "throttle");
        vault.restart();
        var later = new TestNode(owner, node.identity);
        later.ask(later.request(version, policies));
        try (var watch = later.watch(MODEL)) {
            assertThat(watch.next(Notice.Measures.class).some())
                    .containsExactly(
                            new GuardMeasure(Whose.PRINCIPAL, eve, Step.DEGRADE, 1),
                            new GuardMeasure(Whose.GROUP, "eve-and-sons", Step.THROTTLE, 1));
            loosen(vault.operator, "principal", eve);
            assertThat(watch.next(Notice.Measures.class).some()).hasSize(1);
            loosen(owner.identity, "group", "eve-and-sons");
            assertThat(watch.next(Notice.Measures.class).some()).isEmpty();
        }
    }

    @Test
    void aNodeWithoutAStreamHearsWithItsRenewal() throws Exception {
        assertThat(node.renew(node.renewal(version, policies)).getOrdersList()).isEmpty();
        tighten(vault.operator, "principal", eve, "challenge");
        var renewal = node.renewal(version, policies);
        var orders = node.renew(renewal).getOrdersList();
        loosen(vault.operator, "principal", eve);
        Notice notice =
                Notice.verify(
                        Dsse.decode(orders.getFirst().toByteArray()),
                        node.vaultIdentity().signingSpki());
        assertThat(orders).hasSize(1);
        assertThat(notice.stream()).isEqualTo(renewal.getNodeNonce().toByteArray());
        assertThat(notice.bootId()).isEqualTo(node.bootId);
        assertThat(notice.message())
                .isEqualTo(
                        new Notice.Measures(
                                List.of(new GuardMeasure(Whose.PRINCIPAL, eve, Step.CHALLENGE, 1)),
                                0));
    }

    @Test
    void nobodyTakesBackWhatAnotherDid() {
        TestIdentity other = vault.issue("", "operator");
        tighten(vault.operator, "principal", eve, "suspend");
        Refusal.of(() -> loosen(other, "principal", eve)).isFor(Reason.MEASURE_NOT_FOUND);
        Refusal.of(() -> loosen(owner.identity, "principal", eve)).isFor(Reason.MEASURE_NOT_FOUND);
        tighten(other, "principal", eve, "throttle");
        loosen(other, "principal", eve);
        assertThat(list(vault.operator))
                .singleElement()
                .satisfies(left -> {
                    assertThat(left.getStep()).isEqualTo("suspend");
                    assertThat(left.getTakenBy()).endsWith("/operator/" + name(vault.operator));
                });
        vault.tenant("other");
        TestIdentity theirs = vault.issue("other", "owner");
        assertThat(list(theirs)).isEmpty();
        Refusal.of(() -> tighten(theirs, "principal", eve, "suspend")).isFor(Reason.TENANT_DENIED);
        loosen(vault.operator, "principal", eve);
        assertThat(list(owner.identity)).isEmpty();
    }

    @Test
    void refusesWhatItCannotMean() {
        refuses(Reason.REQUEST_MALFORMED, "planet", "mars", "suspend");
        refuses(Reason.REQUEST_MALFORMED, "principal", eve, "relax");
        refuses(Reason.REQUEST_MALFORMED, "principal", "eve", "suspend");
        refuses(Reason.REQUEST_MALFORMED, "group", "two\nlines", "suspend");
        refuses(Reason.IDENTITY_NOT_FOUND, "principal", "acme/consumer/nobody", "suspend");
        vault.tenant("rival");
        vault.issue("rival", "consumer", "rivals");
        refuses(Reason.IDENTITY_NOT_FOUND, "group", "nobodies", "suspend");
        refuses(Reason.IDENTITY_NOT_FOUND, "group", "rivals", "suspend");
        String theirs = "rival/consumer/" + name(vault.issue("rival", "consumer"));
        refuses(Reason.IDENTITY_NOT_FOUND, "principal", theirs, "suspend");
    }

    private void refuses(Reason reason, String whose, String name, String step) {
        Refusal.of(() -> tighten(vault.operator, whose, name, step)).isFor(reason);
    }

    private TightenResponse tighten(TestIdentity by, String whose, String name, String step) {
        return guards(by)
                .tighten(
                        TightenRequest.newBuilder()
                                .setSubject(subject(whose, name))
                                .setStep(step)
                                .setReason("scrapes")
                                .build());
    }

    private void loosen(TestIdentity by, String whose, String name) {
        guards(by)
                .loosen(
                        LoosenRequest.newBuilder()
                                .setSubject(subject(whose, name))
                                .setReason("a mistake")
                                .build());
    }

    private List<Measure> list(TestIdentity by) {
        return guards(by).listMeasures(ListMeasuresRequest.getDefaultInstance()).getMeasuresList();
    }

    private static MeasureSubject subject(String whose, String name) {
        return MeasureSubject.newBuilder().setModel(MODEL).setWhose(whose).setName(name).build();
    }

    private GuardsGrpc.GuardsBlockingStub guards(TestIdentity by) {
        return GuardsGrpc.newBlockingStub(vault.connected(by));
    }

    private static String name(TestIdentity who) {
        try {
            String uri =
                    String.valueOf(
                            who.certificate()
                                    .getSubjectAlternativeNames()
                                    .iterator()
                                    .next()
                                    .get(1));
            return uri.substring(uri.lastIndexOf('/') + 1);
        } catch (CertificateParsingException e) {
            throw new IllegalStateException(e);
        }
    }
}
