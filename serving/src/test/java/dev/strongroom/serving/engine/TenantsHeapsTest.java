package dev.strongroom.serving.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.enclave.memory.MemoryShare;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.posture.Fits;
import dev.strongroom.serving.engine.Tensor.Content.Numbers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions of two tenants at profile fast, each over a heap of his own part of the memory. */
class TenantsHeapsTest {
    private static final long PART = 32L << 20;
    private static final int ROWS_BEYOND = (int) (PART / 1024 / Float.BYTES) + 1;

    @TempDir private Path scratch;
    private final MemoryShare greedyPart = new MemoryShare(PART);
    private final LockedHeap greedyHeap =
            new LockedHeap(greedyPart, Protection.LOCKED, Fits.forTests());
    private final LockedHeap otherHeap =
            new LockedHeap(new MemoryShare(PART), Protection.LOCKED, Fits.forTests());

    @AfterEach
    void close() {
        greedyHeap.close();
        otherHeap.close();
    }

    @Test
    void runsOfOneTenantUseUpNothingOfAnothers() throws Exception {
        try (var greedy = SwappedModel.open(1, new Profile.Fast(greedyHeap), scratch);
                var other = SwappedModel.open(2, new Profile.Fast(otherHeap), scratch)) {
            assertThatThrownBy(() -> run(greedy.engine(), ROWS_BEYOND))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageContaining("more memory");
            assertThat(greedyHeap.mappedBytes()).isLessThanOrEqualTo(PART);
            run(other.engine(), ROWS_BEYOND / 2);
            assertThat(SwappedModel.ask(other.engine())).isEqualTo(2);
            assertThat(SwappedModel.ask(greedy.engine())).isEqualTo(1);
        }
        assertThat(greedyHeap.usedBytes()).isZero();
        assertThat(otherHeap.usedBytes()).isZero();
    }

    @Test
    void whatASessionArrangesAnewIsRefusedWhereItsTenantsWeightsLeaveNoRoom() throws Exception {
        assertThat(greedyPart.take(PART - 4096)).isTrue(); // weights of his that are open
        assertThatThrownBy(() -> SwappedModel.open(1, new Profile.Fast(greedyHeap), scratch))
                .isInstanceOf(UnservableModelException.class)
                .hasMessageContaining("more protected memory");
        SwappedModel.open(2, new Profile.Fast(otherHeap), scratch).close();
        greedyPart.give(PART - 4096);
        SwappedModel.open(1, new Profile.Fast(greedyHeap), scratch).close();
    }

    /** A thread of ONNX Runtime's own does not say for whom it computes. */
    @Test
    void aTenantWhoseMemoryHasRunOutEndsNoRunOfSeveralThreadsOfAnothers() throws Exception {
        var begun = new CountDownLatch(1);
        var drawn = new CountDownLatch(1);
        var ended = new AtomicBoolean();
        CompletableFuture<Void> run =
                CompletableFuture.runAsync(() -> {
                    try (var overdraft =
                            Overdraft.begin(
                                    new Profile.Fast(otherHeap), 2, () -> ended.set(true))) {
                        begun.countDown();
                        drawn.await();
                        assertThat(overdraft.drawn()).isFalse();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
        begun.await();
        assertThat(Overdraft.draw(greedyHeap)).as("somebody runs over it").isFalse();
        drawn.countDown();
        run.join();
        assertThat(ended).isFalse();
    }

    private static void run(Engine engine, int rows) throws InferenceException {
        var x = ByteBuffer.allocate(rows * 64 * Float.BYTES);
        engine.run(
                List.of(
                        new Tensor(
                                "x", ElementType.FP32, List.of((long) rows, 64L), new Numbers(x))),
                Set.of("y"));
    }
}
