package dev.strongroom.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.testkit.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AttemptsTest {
    private static final Duration SHORT = Duration.ofMillis(1);

    private final List<Duration> tries = new CopyOnWriteArrayList<>();

    @Test
    void whatIsLeftIsTriedAgainAfterPausesThatDoubleUpToTheLongest() throws Exception {
        try (var attempts =
                Attempts.begin("test", SHORT, SHORT.multipliedBy(5), pause -> tried(pause, 5))) {
            assertThat(attempts.awaitFirst(Duration.ofSeconds(30))).isTrue();
            Eventually.first(tries::size, count -> count == 5);
        }
        assertThat(tries).extracting(Duration::toMillis).containsExactly(1L, 2L, 4L, 5L, 5L);
    }

    /** Each may be a record of the vault's log. */
    @Test
    void nothingIsTriedAgainOnceAllIsDone() throws Exception {
        try (var attempts = Attempts.begin("test", SHORT, SHORT, pause -> tried(pause, 1))) {
            assertThat(attempts.awaitFirst(Duration.ofSeconds(30))).isTrue();
        }
        assertThat(tries).hasSize(1);
    }

    @Test
    void aTryThatFailsIsNotTheLast() throws Exception {
        try (var _ =
                Attempts.begin(
                        "test",
                        SHORT,
                        SHORT,
                        pause -> {
                            if (tried(pause, 3)) {
                                return true;
                            }
                            if (tries.size() == 1) {
                                throw new IllegalStateException("a fault");
                            }
                            throw new InternalError("a worse one");
                        })) {
            Eventually.first(tries::size, count -> count == 3);
        }
    }

    @Test
    void oneThatHangsIsInterruptedWhenItsOwnerCloses() throws Exception {
        var hanging = new CountDownLatch(1);
        var never = new CountDownLatch(1);
        var interrupted = new CountDownLatch(1);
        try (var attempts =
                Attempts.begin(
                        "test",
                        SHORT,
                        SHORT,
                        _ -> {
                            hanging.countDown();
                            try {
                                never.await();
                                return true;
                            } catch (InterruptedException e) {
                                interrupted.countDown();
                                throw e;
                            }
                        })) {
            assertThat(hanging.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(attempts.awaitFirst(SHORT)).isFalse();
        }
        assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
    }

    private boolean tried(Duration pause, int enough) {
        tries.add(pause);
        return tries.size() >= enough;
    }
}
