package dev.strongroom.serving.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.enclave.memory.LockedHeap;
import dev.strongroom.enclave.memory.MemoryShare;
import dev.strongroom.enclave.memory.Protection;
import dev.strongroom.enclave.posture.Fits;
import dev.strongroom.serving.engine.Profile;
import dev.strongroom.serving.engine.SwappedModel;
import dev.strongroom.serving.infer.OpenLease;
import dev.strongroom.serving.infer.ServedModel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelRegistryTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration NOW = Duration.ofMillis(1);

    @TempDir private Path scratch;

    private final List<String> ended = Collections.synchronizedList(new ArrayList<>());
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final ModelRegistry registry = new ModelRegistry(100, () -> now.get());

    private SwappedModel open;

    @BeforeEach
    void open() throws Exception {
        open = SwappedModel.open(1, new Profile.SingleCopy(), scratch);
    }

    @AfterEach
    void close() {
        registry.close();
        open.close();
    }

    @Test
    void aLaterVersionGetsEveryCallFromThenOn() throws Exception {
        put("acme/a", "1", 10);
        try (var hold = registry.hold("acme/a", "").orElseThrow()) {
            put("acme/a", "2", 10);
            assertThat(hold.model().version()).isEqualTo("1");
            assertThat(registry.awaitEnded(NOW)).as("somebody still holds it").isFalse();
            try (var later = registry.hold("acme/a", "").orElseThrow()) {
                assertThat(later.model().version()).isEqualTo("2");
            }
            assertThat(registry.hold("acme/a", "1")).isEmpty();
            assertThat(ended).isEmpty();
        }
        assertThat(registry.awaitEnded(SOON)).isTrue();
        assertThat(ended).containsExactly("acme/a 1");
    }

    @Test
    void endsAVersionOnce() throws Exception {
        put("acme/a", "1", 10);
        var hold = registry.hold("acme/a", "").orElseThrow();
        assertThat(registry.remove("acme/a")).isTrue();
        assertThat(registry.remove("acme/a")).isFalse();
        hold.close();
        hold.close();
        assertThat(registry.awaitEnded(SOON)).isTrue();
        registry.close();
        assertThat(ended).containsExactly("acme/a 1");
    }

    @Test
    void whatWasNotCalledForLongestMakesRoom() throws Exception {
        put("acme/a", "1", 40);
        put("acme/b", "1", 40);
        later();
        registry.hold("acme/a", "").orElseThrow().close();
        assertThat(registry.makeRoom(Footprint.of(20), "acme/c", SOON)).isTrue();
        assertThat(ended).isEmpty();
        assertThat(registry.makeRoom(Footprint.of(30), "acme/c", SOON)).isTrue();
        assertThat(ended).containsExactly("acme/b 1");
        assertThat(registry.inForce()).extracting(ServedModel::name).containsExactly("acme/a");
    }

    @Test
    void whatIsToBeFollowedStaysAndWhatIsTooLargeDoesNotFit() throws Exception {
        put("acme/a", "1", 60);
        assertThat(registry.makeRoom(Footprint.of(60), "acme/a", SOON))
                .as("both versions at once")
                .isFalse();
        assertThat(registry.makeRoom(Footprint.of(101), "acme/c", SOON)).isFalse();
        assertThat(registry.hold("acme/a", "")).as("evicted for nothing").isPresent();
        assertThat(ended).isEmpty();
    }

    @Test
    void whoWantsAnotherModelTakesNoneThatIsHeldOutOfService() throws Exception {
        put("acme/a", "1", 60);
        later();
        var hold = registry.hold("acme/a", "").orElseThrow();
        assertThat(registry.makeRoom(Footprint.of(60), "acme/b", SOON)).isFalse();
        registry.hold("acme/a", "").orElseThrow().close(); // it takes calls
        assertThat(ended).isEmpty();
        hold.close();
        assertThat(registry.makeRoom(Footprint.of(60), "acme/b", SOON)).isTrue();
    }

    @Test
    void nothingLeavesWhereThatWouldNotBeEnough() throws Exception {
        put("acme/a", "1", 40);
        put("acme/b", "1", 40);
        later();
        try (var _ = registry.hold("acme/a", "").orElseThrow()) {
            assertThat(registry.makeRoom(Footprint.of(90), "acme/c", SOON)).isFalse();
        }
        assertThat(registry.inForce()).hasSize(2);
        assertThat(ended).isEmpty();
    }

    @Test
    void twoModelsAreNotLoadedInTurnsWithoutEnd() throws Exception {
        put("acme/a", "1", 60);
        assertThat(registry.makeRoom(Footprint.of(60), "acme/b", SOON))
                .as("it came just now")
                .isFalse();
        assertThat(registry.has("acme/a")).isTrue();
        later();
        assertThat(registry.makeRoom(Footprint.of(60), "acme/b", SOON)).isTrue();
        put("acme/b", "1", 60);
        assertThat(registry.makeRoom(Footprint.of(60), "acme/a", SOON)).isFalse();
        assertThat(registry.has("acme/b")).isTrue();
    }

    @Test
    void anotherTenantsModelsNeitherLeaveForThisOnesNorTakeItsMemory() throws Exception {
        put("acme/a", "1", 60);
        put("globex/b", "1", 100);
        later();
        assertThat(registry.fits("acme/c", Footprint.of(40))).isTrue();
        assertThat(registry.fits("globex/c", Footprint.of(1))).isFalse();
        assertThat(registry.makeRoom(Footprint.of(100), "acme/c", SOON)).isTrue();
        assertThat(ended).containsExactly("acme/a 1");
        assertThat(registry.has("globex/b")).as("not called for longest, and another's").isTrue();
        try (var _ = registry.hold("globex/b", "").orElseThrow()) {
            assertThat(registry.makeRoom(Footprint.of(100), "acme/d", SOON)).isTrue();
            assertThat(registry.makeRoom(Footprint.of(1), "globex/c", SOON)).isFalse();
        }
    }

    /** At profile fast: what its sessions have come to take counts, not only what was expected. */
    @Test
    void whatATenantsSessionsAllocateLeavesLessForHisModelsAndNotForAnothers() throws Exception {
        long all = 64L << 20;
        var share = new MemoryShare(all);
        try (var heap = new LockedHeap(share, Protection.LOCKED, Fits.forTests());
                var fast =
                        new ModelRegistry(
                                Map.of(
                                                "acme",
                                                new TenantMemory(share, new Profile.Fast(heap)),
                                                "globex",
                                                TenantMemory.ofWeights(all))
                                        ::get,
                                () -> now.get())) {
            var half = new Footprint(all / 4, all / 4);
            assertThat(fast.fits("acme/a", half)).isTrue();
            long block = heap.allocate(all * 3 / 4).orElseThrow(); // a run's, or arranged weights
            assertThat(fast.fits("acme/a", half)).isFalse();
            assertThat(fast.makeRoom(half, "acme/a", NOW)).isFalse();
            assertThat(fast.makeRoom(half, "globex/a", NOW)).isTrue();
            heap.free(block);
            assertThat(fast.makeRoom(half, "acme/a", NOW)).isTrue();
            assertThat(heap.allocate(all * 3 / 4 + 1)).as("the weights are there").isEmpty();
            fast.abandon("acme");
            assertThat(heap.allocate(all)).as("the load failed").isPresent();
        }
    }

    /** Its session may take long to end, and the vault to hear of it. */
    @Test
    void aModelWhoseEndHangsKeepsNoOtherTenantsFromEnding() throws Exception {
        var hanging = new CountDownLatch(1);
        var model = new ServedModel("acme/a", "1", open.engine(), new OpenLease());
        assertThat(registry.claim("acme/a", 100)).isTrue();
        registry.put(new Resident(model, Footprint.of(100), () -> awaited(hanging)));
        put("globex/b", "1", 100);
        later();
        assertThat(registry.remove("acme/a")).isTrue();
        assertThat(registry.makeRoom(Footprint.of(100), "globex/c", SOON)).isTrue();
        assertThat(ended).containsExactly("globex/b 1");
        assertThat(registry.fits("acme/c", Footprint.of(1)))
                .as("its memory is still in use")
                .isFalse();
        hanging.countDown();
        assertThat(registry.awaitEnded(SOON)).isTrue();
    }

    private static void awaited(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void later() {
        now.updateAndGet(before -> before.plus(ModelRegistry.LEAST_STAY));
    }

    private void put(String name, String version, long bytes) {
        var model = new ServedModel(name, version, open.engine(), new OpenLease());
        assertThat(registry.claim(name, bytes)).isTrue();
        registry.put(
                new Resident(model, Footprint.of(bytes), () -> ended.add(name + " " + version)));
    }
}
