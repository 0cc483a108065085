package dev.strongroom.enclave.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.testkit.SoftwareChip;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Renewed well before the end; what fails is tried again; no failure extends anything. */
@Timeout(60)
class LeaseKeeperTest {
    private static final SoftwareChip CHIP =
            SoftwareChip.create(new SecureRandom(), InstantSource.fixed(FakeVault.NOW));
    private static final Duration LIFE = Duration.ofSeconds(2);

    @TempDir private Path folder;
    private FakeVault vault;
    private Grant base;
    private final LinkedBlockingQueue<Grant> renewals = new LinkedBlockingQueue<>();
    private final AtomicInteger attempts = new AtomicInteger();

    @BeforeEach
    void start() throws Exception {
        vault = new FakeVault(CHIP.anchors(), Map.of("model.onnx", new byte[] {1}));
        try (var node = new LeasedNode(vault, CHIP, folder)) {
            base = node.grant();
        }
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    @Test
    void renewsBeforeTheEndAgainAndAgain() throws Exception {
        Grant first = grant(1, 100);
        LeaseMeter meter = meter(first);
        List<Duration> left = new CopyOnWriteArrayList<>();
        try (var _ =
                keep(
                        meter,
                        first,
                        current -> {
                            left.add(meter.remaining());
                            return grant(current.lease().seq() + 1, 100);
                        })) {
            assertThat(next().lease().seq()).isEqualTo(2);
            assertThat(next().lease().seq()).isEqualTo(3);
        }
        assertThat(left.subList(0, 2)).allMatch(Duration::isPositive);
    }

    @Test
    void triesAgainAndThenStopsAtTheEndOfTheLeaseItHas() throws Exception {
        Grant first = grant(1, 100);
        LeaseMeter meter = meter(first);
        try (var _ =
                keep(
                        meter,
                        first,
                        _ -> {
                            throw new LeaseException(
                                    LeaseException.Kind.UNREACHABLE, "nobody there");
                        })) {
            while (meter.state() == LeaseMeter.State.OPEN) {
                assertThat(meter.remaining()).isLessThanOrEqualTo(LIFE);
                Thread.onSpinWait();
            }
            assertThat(attempts).hasValueGreaterThanOrEqualTo(3);
            assertThat(renewals).isEmpty();
        }
    }

    @Test
    void renewsWhenAQuarterOfTheCountIsLeft() throws Exception {
        Grant first = grant(1, 8, Duration.ofDays(1));
        LeaseMeter meter = meter(first);
        try (var _ = keep(meter, first, _ -> grant(2, 8, Duration.ofDays(1)))) {
            for (int i = 0; i < 6; i++) {
                assertThat(meter.take()).isEqualTo(LeaseMeter.State.OPEN);
            }
            assertThat(renewals).isEmpty();
            meter.take();
            assertThat(next().lease().seq()).isEqualTo(2);
        }
    }

    private LeaseKeeper keep(LeaseMeter meter, Grant first, LeaseKeeper.Renewing renewing) {
        return LeaseKeeper.start(
                meter,
                first,
                current -> {
                    attempts.incrementAndGet();
                    return renewing.renew(current);
                },
                renewals::add,
                new Random(7));
    }

    private Grant next() throws InterruptedException {
        Grant grant = renewals.poll(20, TimeUnit.SECONDS);
        assertThat(grant).isNotNull();
        return grant;
    }

    private static LeaseMeter meter(Grant first) {
        return new LeaseMeter(
                first.lease(), first.askedNanos(), InstantSource.system(), MonotonicClock::nanos);
    }

    private Grant grant(long seq, long inferences) {
        return grant(seq, inferences, LIFE);
    }

    private Grant grant(long seq, long inferences, Duration life) {
        return new Grant(
                LeaseMeterTest.lease(seq, Instant.now(), life, inferences),
                base.manifest(),
                base.owners(),
                base.release(),
                base.output(),
                base.vault(),
                base.tlsKey(),
                base.tlsChain(),
                MonotonicClock.nanos(),
                base.presented());
    }
}
