package dev.strongroom.testkit.hunt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Positive and negative controls of the hunt in another process. */
class MemoryHuntTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final long MIB = 1 << 20;

    private final byte[] needle = randomBytes(48);
    private final Needles needles = Needles.builder(RANDOM).add("planted", needle).build();
    private final MemoryHunt hunt = new MemoryHunt(needles, 2);

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 4096 - 47, 4 * MIB - 20, 64 * MIB - 33, 70 * MIB - 48})
    void findsOneCopyAtAnyOffset(long offset) throws Exception {
        try (Prey prey = plant("anonymous", 70 * MIB, offset)) {
            HuntReport report = hunt.hunt(prey.pid(), MemoryHunt.Pause.RUNNING);

            assertThat(report.copies()).containsExactly(1);
        }
    }

    @Test
    void findsLockedMemoryAndSaysThatItIsLocked() throws Exception {
        try (Prey prey = plant("locked", 65_536, 12_345)) {
            HuntReport report = hunt.hunt(prey.pid(), MemoryHunt.Pause.STOPPED);

            assertThat(report.hitPlaces())
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.place()).contains("lo"));
        }
    }

    @Test
    void findsNothingInAProcessThatHoldsNothing() throws Exception {
        try (Prey prey = Prey.start(needle)) {
            HuntReport report = hunt.hunt(prey.pid(), MemoryHunt.Pause.RUNNING);

            assertThat(report.hits()).isZero();
            assertThat(report.scannedBytes()).isGreaterThan(10 * MIB);
            assertThat(report.unreadableBytes()).isLessThan(MIB);
        }
    }

    @Test
    void aProcessThatHoldsTheNeedlesToLookForIsNotAHit(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("needles");
        needles.save(file);
        try (Prey prey = Prey.start(needle, "loads", file.toString())) {
            assertThat(hunt.hunt(prey.pid(), MemoryHunt.Pause.RUNNING).hits()).isZero();
        }
    }

    @Test
    void refusesToLookAtItself() {
        assertThatThrownBy(() -> hunt.hunt(ProcessHandle.current().pid(), MemoryHunt.Pause.RUNNING))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private Prey plant(String kind, long bytes, long offset) throws Exception {
        return Prey.start(needle, kind, Long.toString(bytes), Long.toString(offset));
    }

    private static byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
