package dev.strongroom.serving.guard.limit;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.Rate;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.infer.RefusedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Says whether rows may be asked for: rates in rows, of caller and of group at this model, of
 * caller and of address at all models of its owner; budgets of day and lease in what the rows cost;
 * caps of the node. What is admitted is spent, whatever becomes of it.
 *
 * <p>Thread-safe; never blocks.
 */
public final class Limits {
    private static final int SLICES_OF_A_DAY = 20; // so that a node that crashes loses little
    private static final long LARGEST_SLICE = 10_000;
    private static final int PERMILLE = 1000;
    private static final int MOST_RATES = 4;
    private static final Duration VAULT_SOON = Duration.ofSeconds(1);

    private final OutputPolicy policy;
    private final Accounts accounts;
    private final SliceSource slices;
    private final SharedLimits shared;
    private final Ticks clock;
    private final LeasePeriod period;

    /**
     * @param accounts and
     * @param shared outlive the policy: what was spent under another one is spent
     * @param period of the lease in force
     */
    public Limits(
            OutputPolicy policy,
            Accounts accounts,
            SharedLimits shared,
            SliceSource slices,
            LeasePeriod period) {
        this.policy = policy;
        this.accounts = accounts;
        this.slices = slices;
        this.shared = shared;
        this.clock = shared.clock();
        this.period = period;
    }

    /**
     * Spends the rows if there are as many.
     *
     * @return empty: they are spent; else ask again when this completes, it fetches some of the
     *     caller's day
     */
    public Optional<CompletableFuture<?>> admit(Asker asker, Tier tier, long rows)
            throws RefusedException {
        return accounts.use(asker.id(), account -> admit(account, asker, tier, rows));
    }

    /**
     * Of rows that are to be asked for: refused if they would be refused now. Spends nothing.
     *
     * @return as {@link #admit}
     */
    public Optional<CompletableFuture<?>> foresee(Asker asker, Tier tier, long rows)
            throws RefusedException {
        return accounts.use(
                asker.id(),
                account -> {
                    long cost = cost(account, tier, rows);
                    Optional<CompletableFuture<?>> fetching =
                            requireBudgets(account, asker, tier, cost);
                    if (fetching.isEmpty()) {
                        requireRates(account, asker, tier, rows);
                        shared.caps().require(cost, period, policy.caps());
                    }
                    return fetching;
                });
    }

    /**
     * Takes rows of the rates and of no budget.
     *
     * @return gives them back
     */
    public Runnable takeRates(Asker asker, Tier tier, long rows) throws RefusedException {
        return accounts.use(
                asker.id(),
                account -> {
                    takeRates(account, asker, tier, rows);
                    List<RowBucket> taken = buckets(account, asker, tier);
                    return () -> taken.forEach(bucket -> bucket.giveBack(rows));
                });
    }

    private Optional<CompletableFuture<?>> admit(Account account, Asker asker, Tier tier, long rows)
            throws RefusedException {
        long cost = cost(account, tier, rows);
        Optional<CompletableFuture<?>> fetching = requireBudgets(account, asker, tier, cost);
        if (fetching.isPresent()) {
            return fetching;
        }
        takeRates(account, asker, tier, rows);
        try {
            shared.caps().take(cost, period, policy.caps());
        } catch (RefusedException e) {
            buckets(account, asker, tier).forEach(bucket -> bucket.giveBack(rows));
            throw e;
        }
        account.sliceRows -= cost;
        account.leaseRows += cost;
        return Optional.empty();
    }

    private Optional<CompletableFuture<?>> requireBudgets(
            Account account, Asker asker, Tier tier, long cost) throws RefusedException {
        account.group = account.group == 0 ? group(asker) : account.group;
        requireLease(account, quota(account, tier.rowsPerLease()), cost);
        return requireDay(account, asker, tier, cost);
    }

    private static char group(Asker asker) {
        return (char) Accounts.id(asker.group());
    }

    /** What a caller refers to when he appeals. */
    public static String ticket(long id) {
        return "G%016x".formatted(id);
    }

    /** One row never costs more than a day's quota: statistics alone lock nobody out. */
    private long cost(Account account, Tier tier, long rows) {
        long day = Math.min(tier.rowsPerDay(), tier.rowsPerLease());
        long price =
                Math.min(
                        tier.price() * account.price(policy.ladder()),
                        Math.max(tier.price(), quota(account, day)));
        return Math.multiplyExact(rows, price);
    }

    /** What is left of a quota on the account's rung. */
    private long quota(Account account, long rows) {
        return account.rung() == Rung.LABEL
                ? rows / PERMILLE * policy.ladder().quotaPermille()
                        + rows % PERMILLE * policy.ladder().quotaPermille() / PERMILLE
                : rows;
    }

    private void requireLease(Account account, long quota, long cost) throws RefusedException {
        long seq = period.number();
        if (account.leaseSeq != seq) {
            account.leaseSeq = seq;
            account.leaseRows = 0;
        }
        if (cost > quota - account.leaseRows) {
            throw RefusedException.exhausted(
                    "LEASE_BUDGET",
                    "%d rows a lease of this node are all that the policy gives a caller, and these"
                                    .formatted(quota)
                            + " would cost %d more than are left"
                                    .formatted(cost - (quota - account.leaseRows)),
                    period.left());
        }
    }

    private Optional<CompletableFuture<?>> requireDay(
            Account account, Asker asker, Tier tier, long cost) throws RefusedException {
        long now = clock.currentTimeNanos();
        if (now - account.sliceEndNanos >= 0) {
            account.sliceRows = 0;
            account.dayIsOver = false;
        }
        long perDay = quota(account, tier.rowsPerDay());
        if (perDay < account.slicePerDay) {
            account.sliceRows = 0; // of a larger day: the vault knows what is left of this one
        }
        if (account.sliceRows >= cost) {
            return Optional.empty();
        }
        if (account.dayIsOver && perDay <= account.slicePerDay) {
            throw RefusedException.exhausted(
                    "DAY_BUDGET",
                    "%d rows a day are all that the policy gives a caller, and %d are left"
                            .formatted(perDay, account.sliceRows),
                    Duration.ofNanos(account.sliceEndNanos - now));
        }
        CompletableFuture<?> asked = account.asked;
        return Optional.of(asked != null ? asked : ask(account, asker, perDay, cost));
    }

    private CompletableFuture<?> ask(Account account, Asker asker, long perDay, long cost) {
        long usual = Math.max(1, Math.min(perDay / SLICES_OF_A_DAY, LARGEST_SLICE));
        long wanted = Math.max(cost - account.sliceRows, usual);
        var asked = new CompletableFuture<Void>();
        account.asked = asked; // an account that waits is not evicted
        var _ =
                slices.take(asker.identity(), perDay, wanted)
                        .whenComplete((slice, failure) -> {
                            synchronized (account) {
                                account.asked = null;
                                if (failure == null) {
                                    account.slicePerDay = perDay;
                                    receive(account, slice, wanted);
                                }
                            }
                            if (failure == null) {
                                asked.complete(null);
                            } else {
                                asked.completeExceptionally(noAnswer());
                            }
                        });
        return asked;
    }

    private void receive(Account account, Slice slice, long wanted) {
        account.sliceRows += slice.rows();
        account.sliceEndNanos = clock.currentTimeNanos() + slice.left().toNanos();
        account.dayIsOver = slice.rows() < wanted;
    }

    private static RefusedException noAnswer() {
        return RefusedException.exhausted(
                "BUDGET_UNKNOWN",
                "the vault did not say what is left of this caller's day; try again later",
                VAULT_SOON);
    }

    private void requireRates(Account account, Asker asker, Tier tier, long rows)
            throws RefusedException {
        for (Limited limited : limited(account, asker, tier)) {
            limited.bucket.require(rows, limited.whose);
        }
    }

    private void takeRates(Account account, Asker asker, Tier tier, long rows)
            throws RefusedException {
        var taken = new ArrayList<RowBucket>();
        try {
            for (Limited limited : limited(account, asker, tier)) {
                limited.bucket.take(rows, limited.whose);
                taken.add(limited.bucket);
            }
        } catch (RefusedException e) {
            taken.forEach(bucket -> bucket.giveBack(rows));
            throw e;
        }
    }

    private record Limited(RowBucket bucket, String whose) {}

    private List<RowBucket> buckets(Account account, Asker asker, Tier tier) {
        return limited(account, asker, tier).stream().map(Limited::bucket).toList();
    }

    private List<Limited> limited(Account account, Asker asker, Tier tier) {
        NodeRates node = shared.node();
        var limited = new ArrayList<Limited>(MOST_RATES);
        if (asker.isAlone()) {
            Rate both = StrictRates.strictest(tier.rate(), tier.groupRate());
            limited.add(new Limited(own(account, both), "one caller"));
        } else {
            RowBucket group = shared.group(asker.group(), tier.name(), tier.groupRate());
            limited.add(new Limited(own(account, tier.rate()), "one caller"));
            limited.add(new Limited(group, "callers of one group"));
        }
        node.caller(asker.id(), ofPolicy(tier).rate())
                .ifPresent(all -> limited.add(new Limited(all, "one caller at all models")));
        if (!asker.address().isEmpty()) {
            limited.add(
                    new Limited(
                            node.address(asker.address(), policy.network().rate()),
                            "callers from one address at all models"));
        }
        return limited;
    }

    private RowBucket own(Account account, Rate rate) {
        RowBucket own =
                account.bucket == null
                        ? new RowBucket(rate, account.bucketRows, clock)
                        : account.bucket.at(rate);
        account.bucket = own;
        return own;
    }

    /** Before an order took something from it: an order is of one model, and ends. */
    private Tier ofPolicy(Tier tier) {
        return policy.tiers().stream()
                .filter(each -> each.name() == tier.name())
                .findFirst()
                .orElse(tier);
    }

    /** The strictest tier that a policy has. */
    public static Tier strictest(OutputPolicy policy) {
        return policy.tiers().stream().min(Comparator.comparing(Tier::name)).orElseThrow();
    }
}
