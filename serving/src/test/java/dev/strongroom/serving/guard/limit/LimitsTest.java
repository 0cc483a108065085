package dev.strongroom.serving.guard.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.strongroom.crypto.output.OutputFormatException;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.Rate;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.crypto.output.TierName;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.infer.RefusedException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LimitsTest {
    private static final OutputPolicy POLICY = OutputPolicy.standard();
    private static final Asker EVE = Asker.of("acme/consumer/eve", "acme", "192.0.2.1");
    private static final Duration DAY = Duration.ofDays(1);

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicLong lease = new AtomicLong(1);
    private final Map<String, Long> given = new HashMap<>();
    private final SharedLimits shared = new SharedLimits(new Ticks(nanos::get));

    @Test
    void aBatchCostsItsRows() throws RefusedException {
        Limits limits = limits(new Accounts(10, 10));
        Tier tier = tier(1, 1000, 1_000_000, 1);
        admit(limits, tier, 1000);
        assertThatThrownBy(() -> admit(limits, tier, 1))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refusal -> {
                            assertThat(refusal.reason()).isEqualTo("RATE_LIMITED");
                            assertThat(refusal.retryAfter()).contains(Duration.ofSeconds(1));
                        });
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        admit(limits, tier, 1);
    }

    @Test
    void takesTheFastestRateThatAPolicyCanSay() throws RefusedException {
        Limits limits = limits(new Accounts(10, 10));
        Tier tier = tier(1_000_000_000_000L, 10, 1_000_000, 1);
        admit(limits, tier, 10);
        nanos.addAndGet(10);
        admit(limits, tier, 10);
    }

    @Test
    void refusesMoreRowsThanABurstForGood() {
        Limits limits = limits(new Accounts(10, 10));
        assertThatThrownBy(() -> admit(limits, tier(1, 999, 1_000_000, 1), 1000))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refusal -> {
                            assertThat(refusal.reason()).isEqualTo("TOO_MANY_ROWS");
                            assertThat(refusal.retryAfter()).isEmpty();
                        });
    }

    @Test
    void aClockMovedBackGivesNothing() throws RefusedException {
        nanos.set(Duration.ofHours(5).toNanos());
        Limits limits = limits(new Accounts(10, 10));
        Tier tier = tier(10, 10, 1_000_000, 1);
        admit(limits, tier, 10);
        nanos.set(0);
        assertRefused(limits, tier, "RATE_LIMITED");
        nanos.set(Duration.ofHours(5).toNanos());
        assertRefused(limits, tier, "RATE_LIMITED");
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        admit(limits, tier, 10);
    }

    @Test
    void twoNodesTogetherGiveNoMoreThanADay() {
        Tier tier = tier(1000, 1000, 100, 1);
        List<Limits> nodes = List.of(limits(new Accounts(10, 10)), limits(new Accounts(10, 10)));
        int admitted = 0;
        for (int i = 0; i < 300; i++) {
            try {
                admit(nodes.get(i % 2), tier, 1);
                admitted++;
            } catch (RefusedException e) {
                assertThat(e.reason()).isEqualTo("DAY_BUDGET");
            }
        }
        assertThat(admitted).isEqualTo(100);
    }

    @Test
    void aNodeThatRestartsGetsNoNewDay() throws RefusedException {
        Tier tier = tier(1000, 1000, 100, 1);
        Limits before = limits(new Accounts(10, 10));
        for (int i = 0; i < 100; i++) {
            admit(before, tier, 1);
        }
        assertRefused(limits(new Accounts(10, 10)), tier, "DAY_BUDGET");
    }

    @Test
    void theNextDayHasItsOwnRows() throws RefusedException {
        Tier tier = tier(1000, 1000, 10, 1);
        Limits limits = limits(new Accounts(10, 10));
        admit(limits, tier, 10);
        assertRefused(limits, tier, "DAY_BUDGET");
        given.clear();
        nanos.addAndGet(DAY.toNanos());
        admit(limits, tier, 10);
    }

    @Test
    void evictionForgetsNoBudgetNoRateAndNoEvidence() throws RefusedException {
        var accounts = new Accounts(1, 100);
        Limits limits = limits(accounts);
        Tier tier = tier(1, 50, 1_000_000, 1);
        admit(limits, tier, 50);
        accounts.use(
                EVE.id(),
                account -> {
                    account.carry(5000);
                    account.climb(POLICY.ladder());
                    return account;
                });
        for (int i = 0; i < 50; i++) {
            admitAs(limits, Asker.of("acme/consumer/c" + i, "acme", ""), tier, 1);
        }
        assertRefused(limits, tier, "RATE_LIMITED");
        assertThat(accounts.use(EVE.id(), Account::evidence)).isEqualTo(5000);
        assertThat(accounts.use(EVE.id(), Account::rung)).isEqualTo(Rung.TOP1);
        long spent = accounts.use(EVE.id(), account -> account.leaseRows);
        assertThat(spent).isEqualTo(50);
    }

    @Test
    void refusesOneCallerMoreThanThereIsRoomFor() throws RefusedException {
        var accounts = new Accounts(2, 3);
        Limits limits = limits(accounts);
        Tier tier = tier(1, 50, 1_000_000, 1);
        for (int i = 0; i < 3; i++) {
            admitAs(limits, Asker.of("acme/consumer/c" + i, "acme", ""), tier, 1);
        }
        assertRefused(limits, tier, "TOO_MANY_CALLERS");
        admitAs(limits, Asker.of("acme/consumer/c0", "acme", ""), tier, 1);
    }

    @Test
    void evidencePricesRowsInCoarseSteps() throws RefusedException {
        var accounts = new Accounts(10, 10);
        Limits limits = limits(accounts);
        Tier tier = tier(1000, 1000, 100, 1);
        accounts.use(
                EVE.id(),
                account -> {
                    account.carry(73);
                    return account;
                });
        admit(limits, tier, 2); // at 50 each
        assertRefused(limits, tier, "DAY_BUDGET");
    }

    @Test
    void howeverStrongTheEvidenceADayBuysARow() throws RefusedException {
        var accounts = new Accounts(10, 10);
        Limits limits = limits(accounts);
        accounts.use(
                EVE.id(),
                account -> {
                    account.carry(1e9);
                    account.climb(OutputPolicy.standard().ladder());
                    return account;
                });
        Tier tier = tier(1000, 1000, 100, 1);
        admit(limits, tier, 1);
        assertRefused(limits, tier, "DAY_BUDGET");
        nanos.addAndGet(DAY.toNanos());
        given.clear();
        admit(limits, tier, 1);
    }

    @Test
    void evidenceForTheLastRungLeavesATenthOfTheQuota() throws RefusedException {
        var accounts = new Accounts(10, 10);
        Limits limits = limits(accounts);
        accounts.use(
                EVE.id(),
                account -> {
                    account.restore(Rung.LABEL);
                    return account;
                });
        Tier tier = tier(1000, 1000, 100, 1);
        admit(limits, tier, 10);
        assertThatThrownBy(() -> admit(limits, tier, 1)).isInstanceOf(RefusedException.class);
    }

    @Test
    void aLeaseHasABudgetOfItsOwn() throws RefusedException {
        Limits limits = limits(new Accounts(10, 10));
        Tier tier = tier(1000, 1000, 100, 20, 1);
        admit(limits, tier, 20);
        assertRefused(limits, tier, "LEASE_BUDGET");
        lease.set(2);
        admit(limits, tier, 20);
    }

    @Test
    void whoSpentTheLeaseHearsWhenTheNextBegins() throws RefusedException {
        var hour = Duration.ofHours(1);
        var period =
                new LeasePeriod() {
                    @Override
                    public long number() {
                        return 1;
                    }

                    @Override
                    public Optional<Duration> left() {
                        return Optional.of(hour);
                    }
                };
        var limits = new Limits(POLICY, new Accounts(10, 10), shared, this::slice, period);
        Tier tier = tier(1000, 1000, 100, 20, 1);
        admit(limits, tier, 20);
        assertThatThrownBy(() -> admit(limits, tier, 1))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.retryAfter()).contains(hour));
    }

    @Test
    void oneAddressIsSlowWhoeverCallsFromIt() throws RefusedException, OutputFormatException {
        String standard = POLICY.canonical();
        int network = standard.indexOf("\"network\"");
        OutputPolicy slow =
                OutputPolicy.parse(
                        (standard.substring(0, network)
                                        + standard.substring(network)
                                                .replaceFirst(
                                                        "\"rate\":\\{[^}]*",
                                                        "\"rate\":{\"rowsPerSecond\":1,\"burst\":5"))
                                .getBytes(StandardCharsets.UTF_8));
        var limits = new Limits(slow, new Accounts(10, 10), shared, this::slice, lease::get);
        Tier tier = tier(1000, 1000, 1000, 1);
        admitAs(limits, Asker.of("acme/consumer/a", "g1", "192.0.2.7"), tier, 5);
        assertThatThrownBy(() ->
                        admitAs(limits, Asker.of("acme/consumer/b", "g2", "192.0.2.7"), tier, 1))
                .isInstanceOf(RefusedException.class);
        admitAs(limits, Asker.of("acme/consumer/b", "g2", "192.0.2.8"), tier, 5);
    }

    @Test
    void aVaultThatDoesNotAnswerGivesNothing() throws RefusedException {
        var limits =
                new Limits(
                        POLICY,
                        new Accounts(10, 10),
                        shared,
                        (_, _, _) -> CompletableFuture.failedFuture(new IllegalStateException()),
                        lease::get);
        Optional<CompletableFuture<?>> asked = limits.admit(EVE, tier(10, 10, 10, 1), 1);
        assertThat(asked.orElseThrow()).isCompletedExceptionally();
    }

    @Test
    void aHundredThousandCallersFit() throws RefusedException {
        var accounts = new Accounts(100, 100_000);
        for (int i = 0; i < 100_000; i++) {
            accounts.use(
                    Accounts.id("acme/consumer/" + i),
                    account -> {
                        account.leaseRows = 7;
                        return account;
                    });
        }
        assertThat(accounts.size()).isEqualTo(100_000);
        long spent = accounts.use(Accounts.id("acme/consumer/5"), account -> account.leaseRows);
        assertThat(spent).isEqualTo(7);
    }

    private Limits limits(Accounts accounts) {
        var own = new SharedLimits(new Ticks(nanos::get));
        return new Limits(POLICY, accounts, own, this::slice, lease::get);
    }

    /** What the vault does, without one. */
    private CompletableFuture<Slice> slice(String identity, long perDay, long wanted) {
        long before = given.getOrDefault(identity, 0L);
        long rows = Math.clamp(perDay - before, 0, wanted);
        given.put(identity, before + rows);
        return CompletableFuture.completedFuture(new Slice(rows, DAY));
    }

    private static void admit(Limits limits, Tier tier, long rows) throws RefusedException {
        admitAs(limits, EVE, tier, rows);
    }

    private static void admitAs(Limits limits, Asker asker, Tier tier, long rows)
            throws RefusedException {
        while (limits.admit(asker, tier, rows).isPresent()) {
            // the day's slice is here at once
        }
    }

    private static void assertRefused(Limits limits, Tier tier, String reason) {
        assertThatThrownBy(() -> admit(limits, tier, 1))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(reason));
    }

    private static Tier tier(long perSecond, long burst, long perDay, int price) {
        return tier(perSecond, burst, perDay, 10 * perDay, price);
    }

    private static Tier tier(long perSecond, long burst, long perDay, long perLease, int price) {
        return new Tier(
                TierName.PARTNER,
                List.of(),
                List.of("*"),
                Tier.EXACT,
                Tier.ALL,
                true,
                false,
                Tier.ALL,
                new Rate(perSecond, burst),
                new Rate(1_000_000, 1_000_000),
                perDay,
                perLease,
                price);
    }
}
