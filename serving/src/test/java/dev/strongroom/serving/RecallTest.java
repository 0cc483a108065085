package dev.strongroom.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who has a node load what. */
@Timeout(60)
class RecallTest {
    private static final Instant START = Instant.EPOCH;

    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private final InstantSource clock = () -> now.get();
    private final Recall recall = new Recall(clock);
    private final AtomicInteger loads = new AtomicInteger();

    @AfterEach
    void close() {
        recall.close();
    }

    @Test
    void nobodyWhomTheModelWouldNotAnswerHasItLoaded() {
        RefusedException refusal = ask("stranger", loads::incrementAndGet);
        assertThat(refusal.reason()).isEqualTo("NO_TIER");
        recall.close(); // what was begun has ended
        assertThat(loads).hasValue(0);
    }

    @Test
    void whoAsksAgainAndAgainHasItLoadedOnceAndAgainOnlyAfterAMoment() throws Exception {
        var loading = new CountDownLatch(1);
        for (int i = 0; i < 1000; i++) {
            RefusedException refusal =
                    ask(
                            "known",
                            () -> {
                                loads.incrementAndGet();
                                awaited(loading);
                            });
            assertThat(refusal.reason()).isEqualTo("MODEL_LOADING");
            assertThat(refusal.retryAfter()).isPresent();
        }
        loading.countDown();
        afterTheLoad();
        ask("known", loads::incrementAndGet);
        afterTheLoad();
        assertThat(loads).hasValue(1);
        now.set(START.plusSeconds(3));
        ask("known", loads::incrementAndGet);
        afterTheLoad();
        assertThat(loads).hasValue(2);
    }

    private RefusedException ask(String name, Runnable load) {
        return recall.refusal(caller(name), "acme/a", it -> it.name().equals("known"), load);
    }

    /** Loads come one after another. */
    private void afterTheLoad() throws InterruptedException {
        var reached = new CountDownLatch(1);
        recall.refusal(caller("known"), "acme/" + System.nanoTime(), _ -> true, reached::countDown);
        reached.await();
    }

    private static void awaited(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Caller caller(String name) {
        return new Caller("acme", "consumer", name, "", "", "acme", "", 1);
    }
}
