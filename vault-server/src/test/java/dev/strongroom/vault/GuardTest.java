package dev.strongroom.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.strongroom.proto.v1.GetGuardStateRequest;
import dev.strongroom.proto.v1.GuardsGrpc;
import dev.strongroom.proto.v1.GuardsGrpc.GuardsBlockingStub;
import dev.strongroom.proto.v1.SaveGuardStateRequest;
import dev.strongroom.proto.v1.TakeRowsRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Day budgets over several nodes, and guards' state. */
class GuardTest {
    private static final String EVE = "acme/consumer/eve";
    private static final ByteString VERSION = ByteString.copyFrom(new byte[16]);

    @TempDir Path dir;
    private TestVault vault;
    private TestIdentity first;
    private TestIdentity second;

    @BeforeEach
    void start() throws Exception {
        vault = new TestVault(dir);
        TestOwner acme = vault.tenant("acme");
        first = vault.issue(acme.tenant, "node");
        second = vault.issue(acme.tenant, "node");
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    @Test
    void allNodesTogetherGetADayAndNoMore() throws Exception {
        GuardsBlockingStub one = guards(first);
        GuardsBlockingStub other = guards(second);
        try (var nodes = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls =
                    IntStream.range(0, 40)
                            .mapToObj(i ->
                                    (Callable<Long>) () -> take(i % 2 == 0 ? one : other, EVE, 30))
                            .toList();
            long sum = 0;
            for (Future<Long> call : nodes.invokeAll(calls)) {
                sum += call.get();
            }
            assertThat(sum).isEqualTo(1000);
        }
        assertThat(take(one, "acme/consumer/bob", 30)).as("another caller").isEqualTo(30);
    }

    @Test
    void aRestartForgetsNoRowsAndAClockTurnedBackGivesNone() throws Exception {
        assertThat(take(guards(first), EVE, 900)).isEqualTo(900);
        vault.restart();
        assertThat(take(guards(second), EVE, 900)).isEqualTo(100);
        vault.clock.advance(Duration.ofDays(1));
        assertThat(take(guards(second), EVE, 1000)).as("the next day").isEqualTo(1000);
        vault.clock.advance(Duration.ofDays(-1));
        assertThat(take(guards(first), EVE, 1)).as("the day before").isZero();
    }

    @Test
    void refusesCallersOfOtherTenantsAndImpossibleNumbers() {
        GuardsBlockingStub guards = guards(first);
        assertThatThrownBy(() -> take(guards, "other/consumer/eve", 1))
                .isInstanceOf(StatusRuntimeException.class);
        assertThatThrownBy(() -> take(guards, EVE, 0)).isInstanceOf(StatusRuntimeException.class);
        assertThatThrownBy(() -> take(guards, EVE, -1)).isInstanceOf(StatusRuntimeException.class);
    }

    @Test
    void keepsTheLatestStateOfEachNode() {
        GuardsBlockingStub one = guards(first);
        assertThat(state(one)).isEqualTo("0 ");
        save(one, 1, "old");
        save(one, 3, "new");
        save(guards(second), 9, "another's");
        assertThatThrownBy(() -> save(one, 2, "older"))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("a later one of this node is kept");
        assertThat(state(one)).isEqualTo("3 new");
    }

    /** A node under a new name finds what it left under the old one. */
    @Test
    void tellsWhatOtherNodesLeftOfTheVersion() {
        save(guards(first), 3, "left");
        var none = guards(second).getGuardState(asked(""));
        assertThat(none.getSeq()).isZero();
        assertThat(none.getOthersList()).hasSize(1);
        var others = guards(second).getGuardState(asked(none.getOthers(0)));
        assertThat(others.getSealed().toStringUtf8()).isEqualTo("left");
        assertThat(guards(first).getGuardState(asked("")).getOthersList()).isEmpty();
    }

    private static GetGuardStateRequest asked(String node) {
        return GetGuardStateRequest.newBuilder()
                .setModel("acme/bert")
                .setVersionId(VERSION)
                .setNode(node)
                .build();
    }

    private static void save(GuardsBlockingStub guards, long seq, String sealed) {
        guards.saveGuardState(
                SaveGuardStateRequest.newBuilder()
                        .setModel("acme/bert")
                        .setVersionId(VERSION)
                        .setSeq(seq)
                        .setSealed(ByteString.copyFromUtf8(sealed))
                        .build());
    }

    private static String state(GuardsBlockingStub guards) {
        var kept =
                guards.getGuardState(
                        GetGuardStateRequest.newBuilder()
                                .setModel("acme/bert")
                                .setVersionId(VERSION)
                                .build());
        return kept.getSeq() + " " + kept.getSealed().toStringUtf8();
    }

    private static long take(GuardsBlockingStub guards, String caller, long wanted) {
        return guards.takeRows(
                        TakeRowsRequest.newBuilder()
                                .setModel("acme/bert")
                                .setCaller(caller)
                                .setRowsPerDay(1000)
                                .setWanted(wanted)
                                .build())
                .getRows();
    }

    private GuardsBlockingStub guards(TestIdentity node) {
        return GuardsGrpc.newBlockingStub(vault.connect(node));
    }
}
