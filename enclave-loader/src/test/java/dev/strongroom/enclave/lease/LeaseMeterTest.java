package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.ModelName;
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

    @Test
    void aRenewalBringsItsOwnTimeAndCountAndNoOlderOneTakesItBack() {
        var meter = meter(1);
        pass(Duration.ofMinutes(50));
        assertThat(meter.renewed(lease(2, ISSUED.plusSeconds(3000), 2), nanos.get())).isTrue();
        assertThat(meter.take()).isEqualTo(LeaseMeter.State.OPEN);
        assertThat(meter.take()).isEqualTo(LeaseMeter.State.OPEN);
        assertThat(meter.answered()).isEqualTo(2);
        assertThat(meter.renewed(lease(2, ISSUED.plusSeconds(3000), 9), nanos.get())).isFalse();
        assertThat(meter.renewed(lease(1, ISSUED.plusSeconds(3000), 9), nanos.get())).isFalse();
        assertThat(meter.seq()).isEqualTo(2);
    }

    @Test
    void whatHasEndedIsNotRenewed() {
        var usedUp = meter(1);
        usedUp.take();
        assertThat(usedUp.renewed(lease(2, ISSUED, 9), nanos.get())).isFalse();
        var revoked = meter(9);
        revoked.revoke();
        assertThat(revoked.take()).isEqualTo(LeaseMeter.State.REVOKED);
        assertThat(revoked.renewed(lease(2, ISSUED, 9), nanos.get())).isFalse();
        var expired = meter(9);
        pass(Duration.ofHours(1));
        wall = ISSUED;
        assertThat(expired.renewed(lease(2, ISSUED.plusSeconds(3600), 9), nanos.get())).isFalse();
        assertThat(expired.state()).isEqualTo(LeaseMeter.State.EXPIRED);
    }

    @Test
    void staysEndedWhenTheHostTurnsTheClockBackAfterwards() {
        var meter = meter(9);
        wall = ISSUED.plusSeconds(3600);
        assertThat(meter.state()).isEqualTo(LeaseMeter.State.EXPIRED);
        wall = ISSUED;
        assertThat(meter.take()).isEqualTo(LeaseMeter.State.EXPIRED);
    }

    @Test
    void countsFromTheRequestSoThatAWithheldAnswerGainsNothing() {
        long asked = nanos.get();
        nanos.addAndGet(Duration.ofSeconds(3599).toNanos());
        var meter = new LeaseMeter(lease(1, ISSUED, 9), asked, () -> wall, nanos::get);
        assertThat(meter.remaining()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void believesTheVaultsSignedTimeWhenTheHostStopsEveryClock() {
        var meter = meter(9);
        meter.told(ISSUED.plusSeconds(3599));
        assertThat(meter.state()).isEqualTo(LeaseMeter.State.OPEN);
        meter.told(ISSUED.plusSeconds(10));
        assertThat(meter.remaining()).isEqualTo(Duration.ofSeconds(1));
        meter.told(ISSUED.plusSeconds(3600));
        assertThat(meter.state()).isEqualTo(LeaseMeter.State.EXPIRED);
    }

    @Test
    void saysOnceThatAQuarterIsLeft() {
        var meter = meter(8);
        var low = new AtomicLong();
        meter.whenLow(low::incrementAndGet);
        for (int i = 0; i < 6; i++) {
            meter.take();
            assertThat(low).hasValue(0);
        }
        meter.take();
        meter.take();
        assertThat(low).hasValue(1);
    }

    private void pass(Duration time) {
        wall = wall.plus(time);
        nanos.addAndGet(time.toNanos());
    }

    private LeaseMeter meter(long inferences) {
        return new LeaseMeter(lease(1, ISSUED, inferences), nanos.get(), () -> wall, nanos::get);
    }

    private static Lease lease(long seq, Instant issued, long inferences) {
        return lease(seq, issued, Duration.ofHours(1), inferences);
    }

    /** A lease of no node in particular. */
    static Lease lease(long seq, Instant issued, Duration life, long inferences) {
        Digest digest = Digest.sha256();
        return new Lease(
                new byte[32],
                new byte[32],
                new byte[16],
                seq,
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
                issued,
                issued.plus(life),
                inferences,
                0,
                seq - 1);
    }
}
