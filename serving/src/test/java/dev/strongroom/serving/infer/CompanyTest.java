package dev.strongroom.serving.infer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** For whom a worker waits, and how long. */
class CompanyTest {
    private static final Duration RUN = Duration.ofMillis(32);
    private static final long PART = Duration.ofMillis(2).toNanos();

    private final Company company = new Company();

    @Test
    void nobodyWaitsForMoreThanWereThereAtOnce() {
        company.underWay(1);

        assertThat(company.patience(1, RUN)).isZero();
    }

    @Test
    void waitsForThoseWhoWereThereAMomentAgo() {
        company.underWay(16);

        assertThat(company.patience(9, RUN)).isEqualTo(PART);
        assertThat(company.expectsMore(15)).isTrue();
        assertThat(company.patience(16, RUN)).isZero();
    }

    @Test
    void waitsInVainOnce() {
        company.underWay(16);

        company.inVain(9);

        assertThat(company.patience(9, RUN)).isZero();
        assertThat(company.patience(8, RUN)).isEqualTo(PART);
    }

    @Test
    void expectsThoseWhoComeBackAgain() {
        company.underWay(16);
        company.inVain(9);

        company.underWay(12);

        assertThat(company.patience(11, RUN)).isEqualTo(PART);
    }

    @Test
    void shortRunsWaitForNobody() {
        company.underWay(16);

        assertThat(company.patience(1, Duration.ofMillis(1))).isZero();
    }
}
