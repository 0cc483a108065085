package dev.strongroom.crypto.custody.pkcs11;

import static dev.strongroom.crypto.custody.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.custody.CustodyException.Reason;
import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.custody.pkcs11.SessionLeases.Limits;
import dev.strongroom.testkit.softhsm.SoftHsm;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sessions run out: who comes late is told so in time, and nothing is taken for a lost token. */
class SessionLeasesTest {
    private static final int SESSIONS = 3;

    private SessionLeases leases;
    private final CountDownLatch end = new CountDownLatch(1);

    @BeforeEach
    void login() throws Exception {
        SoftHsm softHsm = SoftHsm.inThisProcess();
        Cryptoki cryptoki = Cryptoki.load(Pkcs11Module.at(softHsm.module()));
        long slot = TokenChoice.byLabel(cryptoki, softHsm.label()).slot();
        leases =
                SessionLeases.login(
                        cryptoki,
                        slot,
                        PinSource.file(softHsm.pinFile()),
                        new Limits(SESSIONS, Duration.ofMillis(50)));
    }

    @AfterEach
    void logout() {
        end.countDown();
        leases.close();
    }

    private CompletableFuture<Void> holdOne(CountDownLatch held) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        leases.run(
                                "hold a session",
                                _ -> {
                                    held.countDown();
                                    awaitEnd();
                                });
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> Thread.ofPlatform().start(task));
    }

    private void awaitEnd() {
        try {
            end.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void exhaustedSessionsAreBusyAndThenFreeAgain() throws Exception {
        var held = new CountDownLatch(SESSIONS);
        var holders = IntStream.range(0, SESSIONS).mapToObj(_ -> holdOne(held)).toList();
        held.await();

        assertRefused(Reason.TOKEN_BUSY, () -> leases.run("come late", _ -> {}));

        end.countDown();
        CompletableFuture.allOf(holders.toArray(CompletableFuture[]::new)).join();
        leases.run("come again", _ -> {});
    }

    @Test
    void whoClosesDoesNotWaitForeverForACallThatDoesNotEnd() throws Exception {
        var held = new CountDownLatch(1);
        CompletableFuture<Void> holder = holdOne(held);
        held.await();
        var last = new AtomicBoolean();

        leases.closeAfter(() -> last.set(true));

        assertThat(holder).isNotDone();
        assertThat(last).as("nothing is done under a running call").isFalse();
        assertRefused(Reason.TOKEN_FAILED, () -> leases.run("come late", _ -> {}));
        end.countDown();
        holder.join();
    }
}
