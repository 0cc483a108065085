package dev.strongroom.bench.guard;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.crypto.output.TierName;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.limit.Asker;
import dev.strongroom.serving.guard.limit.Limits;
import dev.strongroom.serving.guard.limit.SharedLimits;
import dev.strongroom.serving.guard.limit.Slice;
import dev.strongroom.serving.guard.limit.Ticks;
import dev.strongroom.serving.infer.RefusedException;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Heap that a guard takes for each caller who calls: rates, budgets, evidence, what was told. */
public final class PrincipalMemory {
    private static final int COLLECTIONS = 3;
    private static final double[] P_VALUES = {0.2, 0.4, 0.6, 0.8, 0.3, 0.5, 0.7};

    private PrincipalMemory() {}

    /** In bytes. */
    public static long each() throws RefusedException {
        OutputPolicy policy = GuardPolicy.everything();
        Tier tier =
                policy.tiers().stream()
                        .filter(known -> known.name() == TierName.PARTNER)
                        .findFirst()
                        .orElseThrow();
        var shared = new SharedLimits(new Ticks(System::nanoTime));
        long before = used();
        var accounts = new Accounts(Accounts.WHOLE, Accounts.ALL);
        var limits =
                new Limits(
                        policy,
                        accounts,
                        shared,
                        (_, _, wanted) ->
                                CompletableFuture.completedFuture(
                                        new Slice(wanted, Duration.ofDays(1))),
                        () -> 1);
        try {
            for (int caller = 0; caller < Accounts.WHOLE; caller++) {
                var asker = Asker.of("acme/consumer/c" + caller, "acme", "192.0.2.1");
                var _ = limits.admit(asker, tier, 1); // asks for a slice, which is there
                var _ = limits.admit(asker, tier, 1);
                accounts.use(asker.id(), account -> account.add(List.of(P_VALUES)).tell(1));
            }
            return (used() - before) / Accounts.WHOLE;
        } finally {
            Reference.reachabilityFence(accounts);
        }
    }

    private static long used() {
        for (int again = 0; again < COLLECTIONS; again++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
