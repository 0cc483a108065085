package dev.strongroom.enclave.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** When a lease is asked for during a download. */
class LittleLeftTest {
    private final AtomicLong nanos = new AtomicLong(-5_000_000_000L);

    @Test
    void nothingLeftIsLittle() {
        assertThat(new LittleLeft(0, nanos::get).is(0)).isTrue();
    }

    @Test
    void beforeAnythingCameAllIsMuch() {
        var little = new LittleLeft(10, nanos::get);
        assertThat(little.is(10)).isFalse();
        pass(100);
        assertThat(little.is(10)).isFalse();
    }

    @Test
    void aShortDownloadIsNearlyOverWhenHalfOfItCame() {
        var little = new LittleLeft(100, nanos::get);
        assertThat(little.is(51)).isFalse();
        assertThat(little.is(50)).isTrue();
    }

    /** At one a second it is so with three seconds to go, not with half of an hour. */
    @Test
    void aLongOneOnlyWhenAsMuchCameInThreeSecondsAsIsLeft() {
        var little = new LittleLeft(3600, nanos::get);
        long left = 3600;
        while (!little.is(left)) {
            pass(1);
            left--;
        }
        assertThat(left).isBetween(1L, 3L);
    }

    @Test
    void oneThatStallsIsNot() {
        var little = new LittleLeft(100, nanos::get);
        pass(1);
        assertThat(little.is(60)).isFalse();
        pass(2);
        assertThat(little.is(45)).as("more came, but not within three seconds").isFalse();
        pass(2);
        assertThat(little.is(30)).isFalse();
        assertThat(little.is(22)).isTrue();
    }

    private void pass(long seconds) {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }
}
