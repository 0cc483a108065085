package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** For whom a worker waits, and how long. */
class CompanyTest {
    private static final long RUN = Duration.ofMillis(32).toNanos();
    private static final long PART = Duration.ofMillis(2).toNanos();

    private final Company company = new Company();

    @Test
    void nobodyWaitsForMoreThanWereThereAtOnce() {
        came(1);
        company.ran(1, RUN);
        came(1);

        assertThat(company.patience(1, 1)).isZero();
    }

    @Test
    void waitsASmallPartOfARunForThoseWhoWereThereAMomentAgo() {
        came(16);
        company.ran(8, RUN);
        came(1);

        assertThat(company.patience(1, 1)).isEqualTo(PART);

        came(6);
        assertThat(company.expectsMore(7, 1)).isTrue();
        came(1);
        assertThat(company.expectsMore(8, 1)).isFalse();
        assertThat(company.patience(8, 1)).isZero();
    }

    @Test
    void nobodyWaitsForThoseWhoFindAWorkerOfTheirOwn() {
        came(2);
        company.ran(2, RUN);
        came(1);

        assertThat(company.patience(1, 2)).as("one more is expected").isZero();
        assertThat(company.patience(1, 1)).as("and has to share").isEqualTo(PART);

        came(2);
        company.ran(3, RUN);
        came(1);

        assertThat(company.patience(1, 2)).as("two more are expected").isEqualTo(PART);
    }

    @Test
    void waitsInVainOnce() {
        came(16);
        company.ran(8, RUN);
        came(1);

        company.inVain();

        assertThat(company.patience(1, 1)).isZero();
        company.ran(1, RUN);
        assertThat(company.patience(1, 1)).isEqualTo(PART);
    }

    @Test
    void aRunOfHoursMakesNobodyWaitLongerThanFiveMilliseconds() {
        came(2);
        company.ran(1, Duration.ofHours(1).toNanos());

        assertThat(company.patience(1, 1)).isEqualTo(Duration.ofMillis(5).toNanos());
    }

    @Test
    void shortRunsWaitForNobody() {
        came(16);
        company.ran(15, Duration.ofMillis(1).toNanos());

        assertThat(company.patience(1, 1)).isZero();
    }

    private void came(int jobs) {
        for (int i = 0; i < jobs; i++) {
            company.came();
        }
    }
}
