package dev.strongroom.crypto.open;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Memory is overwritten when key work has returned: nothing of it may still be writing then. */
@Timeout(60)
class KeyThreadTest {
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final CountDownLatch begun = new CountDownLatch(2);
    private final CountDownLatch mayEnd = new CountDownLatch(1);
    private final CountDownLatch failed = new CountDownLatch(1);

    @Test
    void waitsForThoseThatRunWhenOneCannotBeStarted() throws Exception {
        var thrown = new CompletableFuture<Throwable>();
        Thread caller =
                Thread.ofPlatform()
                        .uncaughtExceptionHandler((_, error) -> thrown.complete(error))
                        .start(() -> KeyThread.runAll(3, this::slowly, this::thread));
        failed.await();
        while (caller.getState() != Thread.State.WAITING) {
            assertThat(caller.isAlive()).as("returned while others run").isTrue();
            Thread.onSpinWait();
        }
        assertThat(ended).hasValue(0);

        mayEnd.countDown();

        assertThat(thrown.get()).isInstanceOf(OutOfMemoryError.class).hasMessage("no third");
        assertThat(ended).hasValue(2);
    }

    @Test
    void anErrorOfOneIsTheCauseOfWhatIsThrownWhenAllHaveEnded() {
        mayEnd.countDown();
        assertThatThrownBy(() -> KeyThread.runAll(2, this::slowlyAndBadly))
                .isInstanceOf(IllegalStateException.class)
                .hasRootCauseMessage("bad");
        assertThat(ended).hasValue(2);
    }

    private void slowly() {
        begun.countDown();
        await(mayEnd);
        ended.incrementAndGet();
    }

    private void slowlyAndBadly() {
        slowly();
        throw new IllegalArgumentException("bad");
    }

    /** The third fails to start, when the others run. */
    private Thread thread(Runnable work) {
        boolean third = made.incrementAndGet() == 3;
        return new Thread(work) {
            @Override
            public void start() {
                if (third) {
                    await(begun);
                    failed.countDown();
                    throw new OutOfMemoryError("no third");
                }
                super.start();
            }
        };
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
