package dev.strongroom.serving.guard.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.infer.RefusedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class AccountsTest {
    private static final long EVE = Accounts.id("acme/consumer/eve");
    private static final long BOB = Accounts.id("acme/consumer/bob");

    /** A caller whose account is in use holds up who saves the state, and nobody else with him. */
    @Test
    void savingWaitsForOneAccountAndNobodyWaitsForSaving() throws Exception {
        var accounts = new Accounts(10, 10);
        accounts.use(BOB, Account::rung);
        var used = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var _ =
                    threads.submit(() ->
                            accounts.use(
                                    EVE,
                                    account -> {
                                        used.countDown();
                                        awaitUninterrupted(end);
                                        return account.rung();
                                    }));
            used.await();
            var saving = threads.submit(accounts::standings);
            for (int call = 0; call < 1000; call++) {
                var answered = CompletableFuture.supplyAsync(() -> rung(accounts, BOB), threads);
                assertThat(answered).succeedsWithin(Duration.ofSeconds(10));
            }
            assertThat(saving.isDone()).isFalse();
            end.countDown();
            assertThat(saving.get()).isEmpty();
        }
    }

    @Test
    void saysTheStandingOfEverybodyWhileCallersComeAndGo() throws Exception {
        var accounts = new Accounts(600, 100_000);
        var held = new ArrayList<Long>();
        for (int i = 0; i < 5000; i++) {
            long id = Accounts.id("acme/consumer/held" + i);
            held.add(id);
            accounts.use(id, account -> Suspicion.climb(account, Rung.TOP1));
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls =
                    threads.submit(() -> {
                        for (int i = 0; i < 20_000; i++) {
                            accounts.use(Accounts.id("acme/consumer/new" + i), Account::rung);
                            accounts.use(held.get(i % held.size()), Account::rung);
                        }
                        return accounts.size();
                    });
            do {
                List<Long> said = accounts.standings().stream().map(Standing::id).toList();
                assertThat(said).doesNotHaveDuplicates().containsAll(held);
            } while (!calls.isDone());
            assertThat(calls.get()).isEqualTo(25_000);
        }
    }

    private static Rung rung(Accounts accounts, long id) {
        try {
            return accounts.use(id, Account::rung);
        } catch (RefusedException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
