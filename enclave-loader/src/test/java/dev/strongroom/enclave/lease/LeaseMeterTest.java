package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Tee;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.TrustLevel;
import dev.strongroom.crypto.format.VersionId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeaseMeterTest {
    private static final Instant ISSUED = Instant.parse("2026-11-22T12:00:00Z");

    private Instant wall = ISSUED;
    private final AtomicLong nanos = new AtomicLong(1_000);

    @Test
    void countsInferences() {
        var meter = meter(2);
        assertThat(meter.take()).isEqualTo(LeaseMeter.State.OPEN);
        assertThat(meter.take()).isEqualTo(LeaseMeter.State.OPEN);
        assertThat(meter.state()).isEqualTo(LeaseMeter.State.USED_UP);
        assertThat(meter.take()).isEqualTo(LeaseMeter.State.USED_UP);
        assertThat(meter.take()).isEqualTo(LeaseMeter.State.USED_UP);
    }

    @Test
    void expiresByTheWallClock() {
        var meter = meter(10);
        wall = ISSUED.plusSeconds(3599);
        assertThat(meter.take()).isEqualTo(LeaseMeter.State.OPEN);
        assertThat(meter.remaining()).isEqualTo(Duration.ofSeconds(1));
        wall = ISSUED.plusSeconds(3600);
        assertThat(meter.take()).isEqualTo(LeaseMeter.State.EXPIRED);
    }

    @Test
    void expiresByElapsedTimeWhenTheHostTurnsTheClockBack() {
        var meter = meter(10);
        wall = ISSUED.minusSeconds(100_000);
        nanos.addAndGet(Duration.ofSeconds(3599).toNanos());
        assertThat(meter.take()).isEqualTo(LeaseMeter.State.OPEN);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(meter.take()).isEqualTo(LeaseMeter.State.EXPIRED);
    }

    @Test
    void givesAsManyAsThereAreToManyThreads() {
        var meter = meter(1000);
        var open = new AtomicLong();
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                threads.execute(() -> {
                    for (int j = 0; j < 500; j++) {
                        if (meter.take() == LeaseMeter.State.OPEN) {
                            open.incrementAndGet();
                        }
                    }
                });
            }
        }
        assertThat(open).hasValue(1000);
    }

    private LeaseMeter meter(long inferences) {
        Digest digest = Digest.sha256();
        var lease =
                new Lease(
                        new byte[32],
                        new byte[32],
                        new byte[16],
                        1,
                        ModelName.parse("acme/net"),
                        VersionId.of(new byte[16]),
                        1,
                        digest,
                        List.of(),
                        TrustLevel.SOFTWARE,
                        1,
                        Tee.SIMULATED,
                        digest,
                        digest,
                        digest,
                        Posture.BASE,
                        ISSUED,
                        ISSUED.plusSeconds(3600),
                        inferences,
                        0,
                        0);
        return new LeaseMeter(lease, () -> wall, nanos::get);
    }
}
