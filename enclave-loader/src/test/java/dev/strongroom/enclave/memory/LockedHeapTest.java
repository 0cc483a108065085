package dev.strongroom.enclave.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.enclave.posture.Fits;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

class LockedHeapTest {
    private static final long MIB = 1 << 20;
    private static final long LIMIT = 96 * MIB;

    /**
     * One step: a positive number allocates so many bytes, another frees a block of those there.
     */
    @Provide
    Arbitrary<List<Long>> steps() {
        Arbitrary<Long> small = Arbitraries.longs().between(1, 5_000);
        Arbitrary<Long> large = Arbitraries.longs().between(5_000, 9 * MIB);
        Arbitrary<Long> frees = Arbitraries.longs().between(-64, 0);
        return Arbitraries.frequencyOf(Tuple.of(4, small), Tuple.of(1, large), Tuple.of(4, frees))
                .list()
                .ofMinSize(1)
                .ofMaxSize(120);
    }

    @Property(tries = 60)
    void blocksAreAlignedZeroApartAndLeaveNothingBehind(@ForAll("steps") List<Long> steps) {
        try (var heap = new LockedHeap(LIMIT, Protection.LOCKED, Fits.forTests())) {
            var blocks = new TreeMap<Long, Long>();
            for (long step : steps) {
                if (step > 0) {
                    heap.allocate(step)
                            .ifPresent(address -> {
                                requireZeroAndFill(address, step);
                                blocks.put(address, step);
                            });
                } else if (!blocks.isEmpty()) {
                    long address =
                            new ArrayList<>(blocks.keySet()).get((int) (-step % blocks.size()));
                    blocks.remove(address);
                    heap.free(address);
                }
                requireApart(blocks);
                assertThat(heap.mappedBytes()).isLessThanOrEqualTo(LIMIT);
                assertThat(heap.usedBytes()).isLessThanOrEqualTo(heap.mappedBytes());
            }
            List.copyOf(blocks.keySet()).forEach(heap::free);
            heap.trim();
            assertThat(heap.usedBytes()).isZero();
            assertThat(heap.mappedBytes()).isLessThanOrEqualTo(32 * MIB);
        }
    }

    @Test
    void aFreedBlockIsZeroBeforeAnybodyGetsIt() {
        try (var heap = new LockedHeap(LIMIT, Protection.LOCKED, Fits.forTests())) {
            long address = heap.allocate(10_000).orElseThrow();
            memory(address, 10_000).fill((byte) 0x5a);
            heap.free(address);
            assertThat(memory(address, 10_000).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        }
    }

    @Test
    void refusesToFreeTwiceOrWhatIsNoBlock() {
        try (var heap = new LockedHeap(LIMIT, Protection.LOCKED, Fits.forTests())) {
            long address = heap.allocate(100).orElseThrow();
            assertThatThrownBy(() -> heap.free(address + 64))
                    .isInstanceOf(IllegalArgumentException.class);
            heap.free(address);
            assertThatThrownBy(() -> heap.free(address))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no block in use");
            long again = heap.allocate(100).orElseThrow();
            assertThat(heap.allocate(100).orElseThrow()).isNotEqualTo(again);
        }
    }

    @Test
    void givesNothingBeyondItsLimitAndEverythingAgainAfterwards() {
        try (var heap = new LockedHeap(LIMIT, Protection.LOCKED, Fits.forTests())) {
            List<Long> taken = new ArrayList<>();
            OptionalLong next = heap.allocate(MIB);
            while (next.isPresent()) {
                taken.add(next.getAsLong());
                next = heap.allocate(MIB);
            }
            assertThat(taken).hasSize(96);
            assertThat(heap.allocate(0)).isEmpty();
            assertThat(heap.allocate(-1)).isEmpty();
            assertThat(heap.allocate(Long.MAX_VALUE)).isEmpty();
            taken.forEach(heap::free);
            assertThat(heap.allocate(LIMIT - MIB)).isPresent();
        }
    }

    @Test
    void takesItsRegionsOutOfAShareAndGivesThemBack() {
        var share = new MemoryShare(LIMIT);
        try (var heap = new LockedHeap(share, Protection.LOCKED, Fits.forTests())) {
            assertThat(share.take(LIMIT - MIB)).isTrue();
            assertThat(heap.allocate(2 * MIB)).isEmpty();
            long small = heap.allocate(MIB).orElseThrow();
            assertThat(share.free()).isZero();
            assertThat(share.take(1)).isFalse();
            heap.free(small);
            heap.shrink();
            assertThat(share.free()).as("the region that waited too").isEqualTo(MIB);
            share.give(LIMIT - MIB);
            assertThat(heap.allocate(LIMIT)).isPresent();
        }
        assertThat(share.free()).isEqualTo(LIMIT);
    }

    @Test
    void neighboursGrowTogether() {
        try (var heap = new LockedHeap(32 * MIB, Protection.LOCKED, Fits.forTests())) {
            List<Long> pieces = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                pieces.add(heap.allocate(MIB).orElseThrow());
            }
            for (int i = 0; i < 32; i += 2) {
                heap.free(pieces.get(i));
            }
            assertThat(heap.allocate(2 * MIB)).as("only single gaps").isEmpty();
            for (int i = 1; i < 32; i += 2) {
                heap.free(pieces.get(i));
            }
            assertThat(heap.allocate(32 * MIB)).isPresent();
        }
    }

    @Test
    void threadsNeverShareABlock() {
        try (var heap = new LockedHeap(LIMIT, Protection.LOCKED, Fits.forTests());
                var threads = Executors.newFixedThreadPool(4)) {
            List<CompletableFuture<Void>> workers = new ArrayList<>();
            for (int worker = 1; worker <= 4; worker++) {
                byte mark = (byte) worker;
                workers.add(CompletableFuture.runAsync(() -> use(heap, mark), threads));
            }
            workers.forEach(CompletableFuture::join);
            assertThat(heap.usedBytes()).isZero();
        }
    }

    @Test
    void itsPagesAreProtected() throws Exception {
        try (var heap = new LockedHeap(LIMIT, Protection.LOCKED, Fits.forTests())) {
            long address = heap.allocate(100).orElseThrow();
            assertThat(heap.owns(address)).isTrue();
            assertThat(heap.owns(64)).isFalse();
            assertThat(SecretSegmentTest.kernelFlags(address)).contains("lo", "dd", "wf", "dc");
        }
    }

    private static void use(LockedHeap heap, byte mark) {
        Set<Long> mine = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            long bytes = 64L * (1 + i % 40);
            long address = heap.allocate(bytes).orElseThrow();
            memory(address, bytes).fill(mark);
            mine.add(address);
            if (i % 3 == 0) {
                long freed = mine.iterator().next();
                mine.remove(freed);
                assertThat(memory(freed, 1).get(ValueLayout.JAVA_BYTE, 0)).isEqualTo(mark);
                heap.free(freed);
            }
        }
        mine.forEach(heap::free);
    }

    private static void requireZeroAndFill(long address, long bytes) {
        assertThat(address % LockedHeap.ALIGNMENT_BYTES).isZero();
        var memory = memory(address, bytes);
        try (var arena = Arena.ofConfined()) {
            assertThat(memory.mismatch(arena.allocate(bytes))).isEqualTo(-1);
        }
        memory.fill((byte) 0x77);
    }

    private static void requireApart(Map<Long, Long> blocks) {
        long end = 0;
        for (Map.Entry<Long, Long> block : blocks.entrySet()) {
            assertThat(block.getKey()).isGreaterThanOrEqualTo(end);
            end = block.getKey() + block.getValue();
        }
    }

    // The address is one that the heap gave.
    @SuppressWarnings("restricted")
    private static MemorySegment memory(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }
}
