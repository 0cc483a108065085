package dev.strongroom.serving.guard.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.infer.RefusedException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A million callers stay within a set memory, and nobody's evidence is forgotten. */
@Tag("nightly")
class MillionCallersTest {
    private static final double[] STRANGE = {1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4};
    private static final long MOST_BYTES = 256L << 20;
    private static final long MOST_OF_ONE = 4096;

    @Test
    void fitIntoASetMemoryAndForgetNothing() throws Exception {
        long before = used();
        var accounts = new Accounts(Accounts.WHOLE, Accounts.ALL);
        long eve = Accounts.id("acme/consumer/eve");
        accounts.use(eve, account -> account.add(List.of(STRANGE, STRANGE, STRANGE)));
        double evidence = accounts.use(eve, Account::evidence);
        spendTheDay(accounts);
        long longest = 0;
        for (int caller = 2; caller < Accounts.ALL; caller++) {
            long id = Accounts.id("acme/consumer/" + caller);
            long begun = System.nanoTime();
            accounts.use(id, account -> account.add(List.of(STRANGE)).tell(3.3));
            longest = Math.max(longest, System.nanoTime() - begun);
        }
        long all = used() - before;
        System.out.printf(
                "1,000,000 callers: %d MiB, %d bytes each, longest call %d us%n",
                all >> 20, all / Accounts.ALL, longest / 1000);
        assertThat(all).isLessThan(MOST_BYTES);
        assertThat(accounts.size()).isEqualTo(Accounts.ALL);
        assertThat(accounts.use(eve, Account::evidence)).isEqualTo(evidence);
        assertThatThrownBy(() -> accounts.use(Accounts.id("acme/consumer/late"), Account::rung))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("no room for another");
        assertThatThrownBy(() -> ask(accounts)).hasMessageContaining("rows a day are all");
        long begun = System.nanoTime();
        assertThat(accounts.standings()).as("all but one").hasSize(Accounts.ALL - 1);
        System.out.printf(
                "all standings: %d ms%n", Duration.ofNanos(System.nanoTime() - begun).toMillis());
        assertThat(accounts.use(eve, Account::rung)).isEqualTo(Rung.CONTRACT);
    }

    @Test
    void whoCallsTakesAtMostFourKilobytes() throws Exception {
        long before = used();
        var accounts = new Accounts(Accounts.WHOLE, Accounts.ALL);
        for (int caller = 0; caller < Accounts.WHOLE; caller++) {
            accounts.use(
                    Accounts.id("acme/consumer/" + caller),
                    account -> account.add(List.of(STRANGE)));
        }
        long each = (used() - before) / Accounts.WHOLE;
        System.out.printf("a caller who calls: %d bytes%n", each);
        assertThat(each).isLessThan(MOST_OF_ONE);
        assertThat(accounts.size()).isEqualTo(Accounts.WHOLE);
    }

    private static void spendTheDay(Accounts accounts) throws RefusedException {
        assertThat(ask(accounts)).as("asks the vault first").isPresent();
        assertThat(ask(accounts)).isEmpty();
        assertThatThrownBy(() -> ask(accounts)).hasMessageContaining("rows a day are all");
    }

    /** Five rows, which are the last of his day. */
    private static Optional<?> ask(Accounts accounts) throws RefusedException {
        OutputPolicy policy = OutputPolicy.standard();
        var limits =
                new Limits(
                        policy,
                        accounts,
                        new SharedLimits(new Ticks(() -> 0)),
                        (_, _, _) ->
                                CompletableFuture.completedFuture(new Slice(5, Duration.ofDays(1))),
                        () -> 1);
        return limits.admit(Asker.of("acme/consumer/dan", "acme", ""), policy.tiers().getLast(), 5);
    }

    private static long used() {
        for (int again = 0; again < 3; again++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
