package dev.strongroom.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.Lease;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BudgetPeriodTest {
    private static final Duration LEASE = Duration.ofMinutes(10);

    private final AtomicLong nanos = new AtomicLong();
    private final BudgetPeriod period = new BudgetPeriod(nanos::get);

    @Test
    void aModelThatLeavesAndComesBackBringsNoNewRows() {
        long first = period.of(lease(3, 3));
        for (int release = 5; release < 50; release++) {
            assertThat(period.of(lease(release, release))).isEqualTo(first);
        }
        assertThat(period.of(lease(3, 3))).as("of a call that began under it").isEqualTo(first);
    }

    @Test
    void aRenewalBringsThem() {
        long first = period.of(lease(3, 3));
        long second = period.of(lease(3, 4));
        assertThat(second).isGreaterThan(first);
        assertThat(period.of(lease(6, 6))).isEqualTo(second);
        assertThat(period.of(lease(6, 7))).isGreaterThan(second);
    }

    @Test
    void soDoesALeaseAfterTheEndOfTheFirst() {
        long first = period.of(lease(3, 3));
        nanos.addAndGet(LEASE.toNanos() - 1);
        assertThat(period.of(lease(5, 5))).isEqualTo(first);
        nanos.addAndGet(1);
        assertThat(period.of(lease(6, 6))).isGreaterThan(first);
    }

    @Test
    void whatIsLeftIsOfTheTimeThatBeganIt() {
        period.of(lease(3, 3));
        nanos.addAndGet(Duration.ofMinutes(4).toNanos());
        period.of(lease(5, 5));
        assertThat(period.left()).isEqualTo(Duration.ofMinutes(6));
        period.of(lease(5, 6));
        assertThat(period.left()).isEqualTo(LEASE);
    }

    private static Lease lease(long release, long leaf) {
        return LeasedModelTest.lease(release, leaf);
    }
}
