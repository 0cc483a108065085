package dev.strongroom.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
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

    /** Two models on a node with room for one, asked for in turns. */
    @Test
    void oneCallerHasModelsSwappedAFewTimesAnHourAndOthersStillMay() throws Exception {
        for (int i = 0; i < 12; i++) {
            assertThat(inTurns("known", i)).isEqualTo("MODEL_LOADING");
        }
        assertThat(inTurns("known", 12)).isEqualTo("LOADS_SPENT");
        assertThat(inTurns("known", 13)).isEqualTo("LOADS_SPENT");
        assertThat(loads).hasValue(12);
        assertThat(inTurns("other", 14)).isEqualTo("MODEL_LOADING");
        assertThat(loads).hasValue(13);
        now.set(START.plus(Duration.ofHours(1)));
        assertThat(inTurns("known", 0)).as("the first is an hour old").isEqualTo("MODEL_LOADING");
        assertThat(inTurns("known", 0)).isEqualTo("LOADS_SPENT");
    }

    @Test
    void whatFoundNoRoomIsNoLoadOfTheCallers() throws Exception {
        for (int i = 0; i < 100; i++) {
            now.set(START.plusSeconds(3L * i));
            assertThat(
                            recall.refusal(
                                            caller("known"),
                                            "acme/full",
                                            _ -> true,
                                            () -> Recall.Outcome.NOTHING)
                                    .reason())
                    .isEqualTo("MODEL_LOADING");
            afterTheLoad();
        }
    }

    @Test
    void whoHasModelsDrivenOutSpendsHisOwnLoadsAndNotThoseOfTheirCallers() throws Exception {
        Room room = new Room("acme/b");
        recall.called(caller("bob"), "acme/b");
        for (int i = 0; i < 12; i++) {
            assertThat(room.ask("eve", "acme/a")).isEqualTo("MODEL_LOADING");
            assertThat(room.ask("bob", "acme/b")).isEqualTo("MODEL_LOADING");
        }
        assertThat(room.ask("eve", "acme/a")).isEqualTo("LOADS_SPENT");
        for (int i = 0; i < 12; i++) { // all that are his
            assertThat(room.ask("bob", "acme/" + i)).isEqualTo("MODEL_LOADING");
        }
        assertThat(room.ask("bob", "acme/12")).isEqualTo("LOADS_SPENT");
    }

    @Test
    void whoNeverCalledAModelIsOwedNothingWhenItIsDrivenOut() throws Exception {
        Room room = new Room("acme/b");
        for (int i = 0; i < 12; i++) {
            assertThat(room.ask("eve", "acme/a")).isEqualTo("MODEL_LOADING");
            assertThat(room.ask("bob", "acme/b")).isEqualTo("MODEL_LOADING");
        }
        assertThat(room.ask("bob", "acme/b")).as("there, and not for nothing").isEqualTo("THERE");
        assertThat(room.ask("carol", "acme/a")).isEqualTo("MODEL_LOADING");
        assertThat(room.ask("bob", "acme/b")).isEqualTo("LOADS_SPENT");
    }

    /** One load of a third is no leave to swap two models without end. */
    @Test
    void oneLoadOwesEachCallerEachModelOnce() throws Exception {
        Room room = new Room("acme/b");
        recall.called(caller("alice"), "acme/a");
        recall.called(caller("bob"), "acme/b");
        assertThat(room.ask("eve", "acme/a")).isEqualTo("MODEL_LOADING");
        int swaps = 0;
        while (room.ask("bob", "acme/b").equals("MODEL_LOADING")
                && room.ask("alice", "acme/a").equals("MODEL_LOADING")) {
            swaps++;
        }
        assertThat(swaps).as("one by Eve's, twelve by Bob's").isEqualTo(13);
    }

    @Test
    void aLoadCountsFromWhenItIsQueuedAndNotIfItComesToNothing() throws Exception {
        var loading = new CountDownLatch(1);
        for (int i = 0; i < 12; i++) {
            assertThat(queue("known", "acme/" + i, loading)).isEqualTo("MODEL_LOADING");
        }
        assertThat(queue("known", "acme/12", loading)).isEqualTo("LOADS_SPENT");
        assertThat(queue("known", "acme/11", loading)).as("on its way").isEqualTo("MODEL_LOADING");
        loading.countDown();
        afterTheLoad();
        assertThat(queue("known", "acme/12", loading)).isEqualTo("MODEL_LOADING");
    }

    @Test
    void whatDroveOthersOutAndDidNotComeInCounts() throws Exception {
        for (int i = 0; i < 12; i++) {
            String model = "acme/" + i;
            var outcome = new Recall.Outcome(false, Set.of("acme/other"));
            assertThat(recall.refusal(caller("eve"), model, _ -> true, () -> outcome).reason())
                    .isEqualTo("MODEL_LOADING");
            afterTheLoad();
        }
        assertThat(ask("eve", "acme/12")).isEqualTo("LOADS_SPENT");
    }

    private String ask(String name, String model) {
        return recall.refusal(caller(name), model, _ -> true, this::came).reason();
    }

    private String queue(String name, String model, CountDownLatch loading) {
        return recall.refusal(
                        caller(name),
                        model,
                        _ -> true,
                        () -> {
                            awaited(loading);
                            return Recall.Outcome.NOTHING;
                        })
                .reason();
    }

    private Recall.Outcome came() {
        loads.incrementAndGet();
        return new Recall.Outcome(true, Set.of());
    }

    /** Of a node that has room for one model. */
    private final class Room {
        private final AtomicReference<String> there;

        Room(String first) {
            there = new AtomicReference<>(first);
        }

        /** Half a minute after the last one asked. */
        String ask(String name, String model) throws InterruptedException {
            now.updateAndGet(before -> before.plusSeconds(30));
            if (model.equals(there.get())) {
                return "THERE";
            }
            String reason =
                    recall.refusal(
                                    caller(name),
                                    model,
                                    _ -> true,
                                    () -> new Recall.Outcome(true, Set.of(there.getAndSet(model))))
                            .reason();
            afterTheLoad();
            return reason;
        }
    }

    /** Half a minute after the one before. */
    private String inTurns(String name, int turn) throws InterruptedException {
        now.accumulateAndGet(
                START.plusSeconds(30L * turn), (one, other) -> one.isAfter(other) ? one : other);
        String reason =
                recall.refusal(
                                caller(name),
                                turn % 2 == 0 ? "acme/a" : "acme/b",
                                _ -> true,
                                this::came)
                        .reason();
        afterTheLoad();
        return reason;
    }

    private RefusedException ask(String name, Runnable load) {
        return recall.refusal(
                caller(name),
                "acme/a",
                it -> it.name().equals("known"),
                () -> {
                    load.run();
                    return new Recall.Outcome(true, Set.of());
                });
    }

    /** Loads come one after another. */
    private void afterTheLoad() throws InterruptedException {
        var reached = new CountDownLatch(1);
        recall.refusal(
                caller("last"),
                "acme/" + System.nanoTime(),
                _ -> true,
                () -> {
                    reached.countDown();
                    return Recall.Outcome.NOTHING;
                });
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
