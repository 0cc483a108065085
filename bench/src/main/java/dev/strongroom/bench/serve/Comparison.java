package dev.strongroom.bench.serve;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Two sides in turn, each first in every other pair. */
public record Comparison(List<Pair> pairs) {
    /** One side's work for a span. */
    @FunctionalInterface
    public interface Side {
        Sample run(Duration span) throws Exception;
    }

    record Pair(Sample ours, Sample theirs) {}

    public static Comparison run(Side ours, Side theirs, int pairs, Duration span)
            throws Exception {
        var done = new ArrayList<Pair>();
        for (int i = 0; i < pairs; i++) {
            if (i % 2 == 0) {
                Sample first = ours.run(span);
                done.add(new Pair(first, theirs.run(span)));
            } else {
                Sample first = theirs.run(span);
                done.add(new Pair(ours.run(span), first));
            }
        }
        return new Comparison(done);
    }

    /** Our rows a second to theirs. */
    public Ratios rate() {
        return of(pair -> pair.ours.perSecond() / pair.theirs.perSecond());
    }

    /** Our rows per second of processor to theirs. */
    public Ratios economy() {
        return of(pair -> pair.theirs.micros() / pair.ours.micros());
    }

    /** Our processor time of a row, in microseconds. */
    public Ratios micros() {
        return of(pair -> pair.ours.micros());
    }

    /** How much more of the processor a row of ours takes, in microseconds. */
    public Ratios costlier() {
        return of(pair -> pair.ours.micros() - pair.theirs.micros());
    }

    /** Of our connections over all pairs, the one with fewest answers to the one with most. */
    public Ratios fairness() {
        long[] all = pairs.getFirst().ours.byConnection().clone();
        for (Pair pair : pairs.subList(1, pairs.size())) {
            Arrays.setAll(all, i -> all[i] + pair.ours.byConnection()[i]);
        }
        long most = Arrays.stream(all).max().orElse(1);
        return new Ratios(List.of((double) Arrays.stream(all).min().orElse(0) / Math.max(1, most)));
    }

    /** How many microseconds longer our calls take. */
    public Ratios later(double quantile) {
        return of(pair -> pair.ours.quantile(quantile) - pair.theirs.quantile(quantile));
    }

    private Ratios of(ToDoubleFunction<Pair> ratio) {
        return new Ratios(pairs.stream().mapToDouble(ratio).boxed().toList());
    }

    public Map<String, Object> figures() {
        return Map.of(
                "ours",
                pairs.stream().map(pair -> figures(pair.ours)).toList(),
                "theirs",
                pairs.stream().map(pair -> figures(pair.theirs)).toList());
    }

    private static Map<String, Object> figures(Sample sample) {
        return Map.of(
                "per_second", sample.perSecond(),
                "us", sample.micros(),
                "client_us", sample.clientMicros(),
                "p50_us", sample.quantile(0.5),
                "p99_us", sample.quantile(0.99),
                "refused", sample.refused());
    }

    @Override
    public String toString() {
        return "ours %s; theirs %s".formatted(brief(pair -> pair.ours), brief(pair -> pair.theirs));
    }

    private String brief(Function<Pair, Sample> side) {
        return "%.0f/s, %.1f us of processor (its client %.1f), p50 %.0f us, p99 %.0f us"
                .formatted(
                        of(pair -> side.apply(pair).perSecond()).median(),
                        of(pair -> side.apply(pair).micros()).median(),
                        of(pair -> side.apply(pair).clientMicros()).median(),
                        of(pair -> side.apply(pair).quantile(0.5)).median(),
                        of(pair -> side.apply(pair).quantile(0.99)).median());
    }
}
