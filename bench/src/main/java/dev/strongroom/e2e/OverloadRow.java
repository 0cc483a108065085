package dev.strongroom.e2e;

import static dev.strongroom.bench.Verdicts.say;

import dev.strongroom.bench.Verdicts;
import dev.strongroom.bench.serve.Load;
import dev.strongroom.bench.serve.NodeLoad;
import dev.strongroom.bench.serve.Ratios;
import dev.strongroom.bench.serve.Sample;
import dev.strongroom.serving.infer.ServingLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A node that is asked four times as much as it can do: first so many calls a second, then by a
 * crowd of four times as many callers as it runs and lets wait, who come back as soon as they are
 * refused.
 */
final class OverloadRow {
    private static final int TIMES = 4;
    private static final int CONNECTIONS = 16;
    private static final int CROWD =
            17; // on each connection: 272 to 2 x 8 that run and 64 that wait
    private static final int WINDOWS = 5;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final double RECOVERED = 0.9;
    private static final double MOST_GROWN = 64; // MiB
    private static final double MIB = 1 << 20;

    /** One identity has half of the places. */
    private static final int PLACES =
            ServingLimits.DEFAULT_QUEUED - ServingLimits.DEFAULT_QUEUED / 2;

    private static final int WORKERS = Runtime.getRuntime().availableProcessors();

    private final NodeLoad node;
    private final String model;
    private final byte[] request;
    private final Load calm;
    private final Verdicts verdicts;

    /**
     * @param calm as many callers as keep the node busy
     */
    OverloadRow(NodeLoad node, String model, byte[] request, Load calm, Verdicts verdicts) {
        this.node = node;
        this.model = model;
        this.request = request;
        this.calm = calm;
        this.verdicts = verdicts;
    }

    /**
     * @param length of the steady part; the crowd has a quarter of it
     */
    void judge(Duration length) throws Exception {
        Ratios before = calmSeconds();
        long resident = node.resident();
        try (Load many = node.unary(CONNECTIONS, CROWD, request)) {
            NodeLoad.Runs ranBefore = node.runs(model);
            Sample steady = many.offer(TIMES * before.median(), length);
            double promise = promise(node.runs(model), ranBefore);
            report("overload, %d times the calls a second".formatted(TIMES), steady);
            verdicts.atMost(
                    "overload, p99 of the admitted, ms, to the queue's promise",
                    steady.quantile(0.99) / 1e3,
                    promise);
            recovered("overload", before);
            Sample crowd = many.run(length.dividedBy(4));
            report("crowd, %d times the callers".formatted(TIMES), crowd);
            recovered("crowd", before);
        }
        verdicts.atMost(
                "overload and crowd, MiB more resident",
                (node.resident() - resident) / MIB,
                MOST_GROWN);
    }

    /** In milliseconds: the run under way, those of all who have a place, and its own. */
    private static double promise(NodeLoad.Runs after, NodeLoad.Runs before) {
        double runsOfPlaces = Math.ceil(PLACES / after.rowsPerRunSince(before));
        return (1 + Math.ceil(runsOfPlaces / WORKERS)) * after.millisSince(before);
    }

    private void report(String part, Sample sample) {
        long others =
                sample.refused().entrySet().stream()
                        .filter(refused -> !refused.getKey().equals("RESOURCE_EXHAUSTED"))
                        .mapToLong(Map.Entry::getValue)
                        .sum();
        say(
                "%s: %.0f answers a second, p50 %.0f ms, p99 %.0f ms, refused %s",
                part,
                sample.perSecond(),
                sample.quantile(0.5) / 1e3,
                sample.quantile(0.99) / 1e3,
                sample.refused());
        verdicts.put(
                part,
                Map.of(
                        "rate", sample.perSecond(),
                        "p50_us", sample.quantile(0.5),
                        "p99_us", sample.quantile(0.99),
                        "refused", sample.refused()));
        verdicts.atMost(part + ", failed but by RESOURCE_EXHAUSTED", (double) others, 0);
    }

    /** The node has a second; the ones after it are as those before all this. */
    private void recovered(String after, Ratios before) throws Exception {
        double first = calm.run(SECOND).perSecond();
        Ratios later = calmSeconds();
        say(
                "  answers a second: %.0f before, %.0f in the first one after, %.0f then",
                before.median(), first, later.median());
        verdicts.atLeast(
                after + ", answers a second from a second after it / before",
                later.median() / before.median(),
                RECOVERED);
    }

    private Ratios calmSeconds() throws Exception {
        List<Double> rates = new ArrayList<>();
        for (int i = 0; i < WINDOWS; i++) {
            rates.add(calm.run(SECOND).perSecond());
        }
        return new Ratios(rates);
    }
}
