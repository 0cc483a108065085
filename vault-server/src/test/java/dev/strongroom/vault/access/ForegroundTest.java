package dev.strongroom.vault.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ForegroundTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    private final Foreground foreground = new Foreground();

    @Test
    @Timeout(60)
    void lastCallThatEndsLetsTheBackgroundGoOn() throws Exception {
        foreground.begun();
        foreground.begun();
        try (var threads = Executors.newSingleThreadExecutor()) {
            var background =
                    threads.submit(() -> {
                        foreground.giveWay(LONG);
                        return true;
                    });
            foreground.ended();
            assertThat(background.isDone()).isFalse();
            foreground.ended();
            assertThat(background.get(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    @Timeout(60)
    void callsWithoutEndDoNotStopTheBackground() throws Exception {
        foreground.begun();
        long begun = System.nanoTime();
        foreground.giveWay(Duration.ofMillis(20));
        assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(20_000_000);
    }

    @Test
    @Timeout(60)
    void quietForegroundTakesNoTime() throws Exception {
        foreground.begun();
        foreground.ended();
        foreground.giveWay(LONG);
    }
}
