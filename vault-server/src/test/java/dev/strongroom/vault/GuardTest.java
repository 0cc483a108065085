package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.proto.v1.GetGuardStateRequest;
import dev.strongroom.proto.v1.GetGuardStateResponse;
import dev.strongroom.proto.v1.GuardsGrpc;
import dev.strongroom.proto.v1.GuardsGrpc.GuardsBlockingStub;
import dev.strongroom.proto.v1.SaveGuardStateRequest;
import dev.strongroom.proto.v1.TakeRowsRequest;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import dev.strongroom.vault.refusal.Reason;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Day budgets over several nodes, and guards' state. */
class GuardTest {

    @TempDir static Path dir;
    private static TestVault vault;
    private static TestOwner acme;
    private static Sealed version;
    private static Policies policies;
    private static String eve;
    private static String carol;
    private static String bob;
    private TestNode first;
    private TestNode second;

    @BeforeAll
    static void start() throws Exception {
        vault = new TestVault(dir);
        acme = vault.tenant("acme");
        policies = acme.setPolicies("bert");
        version = acme.seal("bert", TestOwner.weights(100));
        acme.push(version);
        eve = caller("consumer");
        carol = caller("consumer");
        bob = caller("consumer");
    }

    private static String caller(String role) {
        return uri(vault.issue("acme", role)).substring("spiffe://strongroom/".length());
    }

    @BeforeEach
    void lease() {
        first = leased(new TestNode(acme));
        second = leased(new TestNode(acme));
    }

    private static TestNode leased(TestNode node) {
        node.ask(node.request(version, policies));
        return node;
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    @Test
    void allNodesTogetherGetADayAndNoMore() throws Exception {
        try (var nodes = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls =
                    IntStream.range(0, 40)
                            .mapToObj(i ->
                                    (Callable<Long>)
                                            () -> take(i % 2 == 0 ? first : second, eve, 30))
                            .toList();
            long sum = 0;
            for (Future<Long> call : nodes.invokeAll(calls)) {
                sum += call.get();
            }
            assertThat(sum).isEqualTo(1000);
        }
        assertThat(take(first, bob, 30)).as("another caller").isEqualTo(30);
    }

    @Test
    void aRestartForgetsNoRowsAndAClockTurnedBackGivesNone() throws Exception {
        assertThat(take(first, carol, 900)).isEqualTo(900);
        vault.restart();
        assertThat(take(second, carol, 900)).isEqualTo(100);
        vault.clock.advance(Duration.ofDays(1));
        assertThat(take(leased(new TestNode(acme, second.identity)), carol, 1000))
                .as("the next day")
                .isEqualTo(1000);
        vault.clock.advance(Duration.ofDays(-1));
        assertThat(take(first, carol, 1)).as("the day before").isZero();
    }

    @Test
    void refusesCallersOfOtherTenantsAndImpossibleNumbers() {
        assertThatThrownBy(() -> take(first, "other/consumer/eve", 1))
                .isInstanceOf(StatusRuntimeException.class);
        assertThatThrownBy(() -> take(first, eve, 0)).isInstanceOf(StatusRuntimeException.class);
        assertThatThrownBy(() -> take(first, eve, -1)).isInstanceOf(StatusRuntimeException.class);
    }

    /** One that is broken into writes no endless rows into the vault's database. */
    @Test
    @Tag("nightly")
    void aBootAsksForOneCallersRowsSoOftenAMinuteAndHoldsUpNobodyElse() {
        String busy = caller("consumer");
        GuardsBlockingStub guards = guards(first);
        TakeRowsRequest request = request(first, "acme/bert", busy, 1, 1);
        for (int asked = 0; asked < 1200; asked++) {
            assertThat(guards.takeRows(request).getRows()).isEqualTo(asked == 0 ? 1 : 0);
        }
        Refusal.of(() -> guards.takeRows(request)).isFor(Reason.TOO_MANY_REQUESTS);
        assertThat(take(first, caller("consumer"), 1)).as("another caller").isEqualTo(1);
        assertThat(take(second, busy, 1)).as("another node").isEqualTo(1);
        vault.clock.advance(Duration.ofMinutes(1));
        assertThat(guards.takeRows(request).getRows()).isZero();
    }

    /** What a node claims of callers and of what they may is not believed. */
    @Test
    void aNodeTakesNoMoreThanTheOwnersPolicyGives() {
        Refusal.of(() -> take(first, "acme/consumer/made-up", 1)).isFor(Reason.IDENTITY_NOT_FOUND);
        String generous = caller("consumer");
        long most =
                OutputPolicy.standard().tiers().stream()
                        .filter(tier ->
                                tier.vouchers().stream()
                                        .anyMatch(voucher ->
                                                Set.of("*", "consumer").contains(voucher.role())))
                        .mapToLong(Tier::rowsPerDay)
                        .max()
                        .orElseThrow();
        assertThat(take(first, "acme/bert", generous, 1_000_000_000_000L, 1_000_000_000_000L))
                .isEqualTo(most);
        assertThat(take(second, "acme/bert", generous, 1_000_000_000_000L, 1)).isZero();
    }

    @Test
    void keepsTheLatestStateOfEachNode() {
        assertThat(state(first)).isEqualTo("0 ");
        save(first, 1, "old");
        save(first, 3, "new");
        save(second, 9, "another's");
        assertThatThrownBy(() -> save(first, 2, "older"))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("a later one of this node is kept");
        assertThat(state(first)).isEqualTo("3 new");
    }

    /** A node under a new name finds what it left under the old one. */
    @Test
    void tellsWhatOtherNodesLeftOfTheVersion() {
        save(first, 3, "left");
        var none = asked(second, "");
        assertThat(none.getSeq()).isZero();
        String uri = uri(first);
        assertThat(none.getOthersList()).contains(uri);
        assertThat(asked(second, uri).getSealed().toStringUtf8()).isEqualTo("left");
        assertThat(asked(first, "").getOthersList()).doesNotContain(uri);
    }

    private static String uri(TestNode node) {
        return uri(node.identity);
    }

    private static String uri(TestIdentity who) {
        try {
            return String.valueOf(
                    who.certificate().getSubjectAlternativeNames().iterator().next().get(1));
        } catch (CertificateParsingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void noNodeUsesItsNumbersUp() {
        save(first, 5, "first");
        Refusal.of(() -> save(first, Long.MAX_VALUE, "last")).isFor(Reason.REQUEST_MALFORMED);
        Refusal.of(() -> save(first, 1_000_006, "far")).isFor(Reason.REQUEST_MALFORMED);
        save(first, 1_000_005, "later");
        assertThat(state(first)).isEqualTo("1000005 later");
    }

    @Test
    void answersOnlyWhoHoldsALeaseOnWhatHeAsksAbout() {
        var idle = new TestNode(acme);
        refusesAll(idle);
        var other = new TestNode(acme, idle.identity);
        System.arraycopy(first.bootId, 0, other.bootId, 0, first.bootId.length);
        refusesAll(other); // another node's boot
        Refusal.of(() -> take(first, "acme/gpt", eve, 1)).isFor(Reason.LEASE_NOT_FOUND);
        vault.clock.advance(Duration.ofDays(2));
        refusesAll(first);
        vault.clock.advance(Duration.ofDays(-2));
    }

    private void refusesAll(TestNode node) {
        Refusal.of(() -> take(node, eve, 1)).isFor(Reason.LEASE_NOT_FOUND);
        Refusal.of(() -> save(node, 1, "state")).isFor(Reason.LEASE_NOT_FOUND);
        Refusal.of(() -> state(node)).isFor(Reason.LEASE_NOT_FOUND);
    }

    private void save(TestNode node, long seq, String sealed) {
        guards(node)
                .saveGuardState(
                        SaveGuardStateRequest.newBuilder()
                                .setModel("acme/bert")
                                .setVersionId(version.idBytes())
                                .setBootId(ByteString.copyFrom(node.bootId))
                                .setSeq(seq)
                                .setSealed(ByteString.copyFromUtf8(sealed))
                                .build());
    }

    private String state(TestNode node) {
        var kept = asked(node, "");
        return kept.getSeq() + " " + kept.getSealed().toStringUtf8();
    }

    private GetGuardStateResponse asked(TestNode by, String node) {
        return guards(by)
                .getGuardState(
                        GetGuardStateRequest.newBuilder()
                                .setModel("acme/bert")
                                .setVersionId(version.idBytes())
                                .setBootId(ByteString.copyFrom(by.bootId))
                                .setNode(node)
                                .build());
    }

    private long take(TestNode node, String caller, long wanted) {
        return take(node, "acme/bert", caller, wanted);
    }

    private long take(TestNode node, String model, String caller, long wanted) {
        return take(node, model, caller, 1000, wanted);
    }

    private long take(TestNode node, String model, String caller, long perDay, long wanted) {
        return guards(node).takeRows(request(node, model, caller, perDay, wanted)).getRows();
    }

    private static TakeRowsRequest request(
            TestNode node, String model, String caller, long perDay, long wanted) {
        return TakeRowsRequest.newBuilder()
                .setModel(model)
                .setBootId(ByteString.copyFrom(node.bootId))
                .setCaller(caller)
                .setRowsPerDay(perDay)
                .setWanted(wanted)
                .build();
    }

    private GuardsBlockingStub guards(TestNode node) {
        return GuardsGrpc.newBlockingStub(vault.connected(node.identity));
    }
}
