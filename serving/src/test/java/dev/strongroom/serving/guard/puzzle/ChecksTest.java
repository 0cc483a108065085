package dev.strongroom.serving.guard.puzzle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How much of a processor checks take, by a clock that only checks and rests move. */
class ChecksTest {
    private static final long TAKES = Duration.ofMillis(40).toNanos();
    private static final int COUNT = 50;

    private final Queue<Runnable> due = new ArrayDeque<>();
    private final Queue<Runnable> told = new ArrayDeque<>();
    private final List<String> order = new ArrayList<>();
    private final Checks checks = new Checks(1, () -> this.now, this::later, told::add);
    private long now;
    private long worked;

    @Test
    void takeAQuarterOfTheTimeHoweverManyWait() {
        for (int at = 0; at < COUNT; at++) {
            var _ = checks.add(check(TAKES));
        }
        workAll();
        assertThat(worked).isEqualTo(COUNT * TAKES);
        assertThat((double) worked / now).isLessThanOrEqualTo(0.26);
    }

    /** Where each tenant's are checked apart. */
    @Test
    void takeAQuarterTogetherWhereSeveralCheck() {
        var one = new Checks(2, () -> this.now, this::later, told::add);
        for (int at = 0; at < COUNT; at++) {
            var _ = one.add(check(TAKES));
        }
        workAll();
        assertThat(worked).isEqualTo(COUNT * TAKES);
        assertThat((double) worked / now).isLessThanOrEqualTo(0.13);
    }

    /** Neither does one who comes alone, again and again, find it without its rest. */
    @Test
    void restAfterOneThatCameAlone() {
        for (int at = 0; at < COUNT; at++) {
            var _ = checks.add(check(TAKES));
            workAll();
        }
        assertThat((double) worked / now).isLessThanOrEqualTo(0.26);
    }

    @Test
    void foretellHowLongOneWouldWait() {
        assertThat(checks.waitNanos()).isZero();
        for (int at = 0; at < COUNT; at++) {
            var _ = checks.add(check(TAKES));
        }
        workAll();
        now += 3 * TAKES;
        for (int at = 0; at < 10; at++) {
            var _ = checks.add(check(TAKES));
        }
        assertThat(Duration.ofNanos(checks.waitNanos()))
                .isBetween(Duration.ofNanos(39 * TAKES), Duration.ofNanos(41 * TAKES));
    }

    /** What an answer takes would otherwise be time of the checks', and others' solutions wait. */
    @Test
    void haveCallsGoOnElsewhere() {
        CompletableFuture<Verdict> verdict = checks.add(check(TAKES));
        workAll();
        assertThat(order).containsExactly("looked", "ended RIGHT");
        assertThat(verdict).isNotDone();
        told.remove().run();
        assertThat(verdict).isCompletedWithValue(Verdict.RIGHT);
    }

    @Test
    void leaveOutWhatNobodyWaitsFor() {
        CompletableFuture<Verdict> verdict = checks.add(new Timed(TAKES, false));
        workAll();
        told.remove().run();
        assertThat(verdict).isCompletedWithValue(Verdict.UNCHECKED);
        assertThat(worked).isZero();
    }

    private void workAll() {
        while (!due.isEmpty()) {
            due.remove().run();
        }
    }

    private void later(Runnable check, long afterNanos) {
        assertThat(due).as("one at a time").isEmpty();
        due.add(() -> {
            now += afterNanos;
            check.run();
        });
    }

    private Check check(long takes) {
        return new Timed(takes, true);
    }

    private final class Timed implements Check {
        private final long takes;
        private final boolean wanted;

        Timed(long takes, boolean wanted) {
            this.takes = takes;
            this.wanted = wanted;
        }

        @Override
        public long kib() {
            return 8192;
        }

        @Override
        public boolean begin() {
            return wanted;
        }

        @Override
        public boolean isRight() {
            order.add("looked");
            now += takes;
            worked += takes;
            return true;
        }

        @Override
        public void ended(Verdict verdict) {
            order.add("ended " + verdict);
        }
    }
}
