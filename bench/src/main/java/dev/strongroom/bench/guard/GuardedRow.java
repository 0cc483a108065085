package dev.strongroom.bench.guard;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.ShownOutput.Kind;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.crypto.output.TierName;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.guard.RowWatch;
import dev.strongroom.serving.guard.Signs;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.limit.Asker;
import dev.strongroom.serving.guard.limit.Limits;
import dev.strongroom.serving.guard.limit.SharedLimits;
import dev.strongroom.serving.guard.limit.Slice;
import dev.strongroom.serving.guard.limit.Ticks;
import dev.strongroom.serving.guard.shape.Rung;
import dev.strongroom.serving.guard.shape.Shaper;
import dev.strongroom.serving.guard.shape.Told;
import dev.strongroom.serving.infer.RefusedException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.crypto.spec.SecretKeySpec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the guard does for one query of one row, part by part and together: 196 inputs, 64
 * penultimate features, 10 classes, a calibration of 20,000 samples with full rings, honest
 * callers.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
@Threads(1)
@State(Scope.Benchmark)
public class GuardedRow {
    private static final int CALLERS = 1000;
    private static final int ROWS = 1 << 14;

    private final HonestModel model = new HonestModel(1);
    private final OutputPolicy policy = GuardPolicy.everything();
    private final Tier tier =
            policy.tiers().stream()
                    .filter(each -> each.name() == TierName.PARTNER)
                    .findFirst()
                    .orElseThrow();
    private final Accounts accounts = new Accounts(Accounts.WHOLE, Accounts.ALL);
    private final Limits limits =
            new Limits(
                    policy,
                    accounts,
                    new SharedLimits(new Ticks(System::nanoTime)),
                    (_, _, wanted) ->
                            CompletableFuture.completedFuture(
                                    new Slice(wanted, Duration.ofDays(1))),
                    () -> 1);
    private final Shaper shaper = new Shaper(policy, new SecretKeySpec(new byte[32], "HmacSHA256"));
    private final RowWatch watch;
    private final HonestModel.Query[] queries;
    private final Asker[] askers;
    private int next;

    public GuardedRow() {
        watch = new RowWatch(model.calibration(20_000), new SecureRandom(), InstantSource.system());
        queries = new HonestModel.Query[ROWS];
        for (int row = 0; row < ROWS; row++) {
            queries[row] = model.query();
        }
        askers = new Asker[CALLERS];
        for (int caller = 0; caller < CALLERS; caller++) {
            askers[caller] = Asker.of("acme/consumer/c" + caller, "acme", "192.0.2.1");
        }
    }

    /** Rates, budgets, caps. */
    @Benchmark
    public boolean admit() throws RefusedException {
        return admitted(askers[next++ % CALLERS]);
    }

    /** Detector and graph, evidence apart. */
    @Benchmark
    public Signs judge() {
        int at = next++;
        HonestModel.Query query = fresh(at);
        return watch.observe(askers[at % CALLERS].id(), query.inputs(), query.answer());
    }

    /** Two digits, noise, and the bits that it tells. */
    @Benchmark
    public double shape() {
        Tensor answer = queries[next++ & (ROWS - 1)].answer().getFirst();
        Tensor shaped = shaper.shape(answer, Kind.PROBABILITIES, tier, Rung.COARSE, "acme");
        return Told.bits(shaped, Kind.PROBABILITIES, tier, Rung.COARSE);
    }

    /** All of it, as an inference meets it. */
    @Benchmark
    public Tensor whole() throws RefusedException {
        int at = next++;
        Asker asker = askers[at % CALLERS];
        HonestModel.Query query = fresh(at);
        admitted(asker);
        Signs signs = watch.observe(asker.id(), query.inputs(), query.answer());
        Rung rung =
                accounts.use(
                        asker.id(),
                        account -> {
                            if (signs instanceof Signs.Judged(var p, double pooled)) {
                                account.add(p).pool(pooled);
                                account.climb(policy.ladder());
                            }
                            return account.rung();
                        });
        Tensor answer = query.answer().getFirst();
        double bits = Told.bits(answer, Kind.PROBABILITIES, tier, rung);
        accounts.use(asker.id(), account -> account.tell(bits));
        return shaper.shape(answer, Kind.PROBABILITIES, tier, rung, "acme");
    }

    private boolean admitted(Asker asker) throws RefusedException {
        Optional<CompletableFuture<?>> fetching = limits.admit(asker, tier, 1);
        return fetching.isEmpty() || limits.admit(asker, tier, 1).isEmpty();
    }

    /** No repeat, since those are judged in no time. */
    private HonestModel.Query fresh(int at) {
        return queries[at & (ROWS - 1)].moved(at >>> 14);
    }
}
