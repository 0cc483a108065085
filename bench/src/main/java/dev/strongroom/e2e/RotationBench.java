package dev.strongroom.e2e;

import dev.strongroom.bench.TokenSide;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.e2e.BenchOptions.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * What rotation costs: how near it comes to what the module can do when the vault is idle, and what
 * it takes from releases and inference when it has a fifth of the token. Every process is a real
 * one.
 */
public final class RotationBench {
    private static final int TOGETHER = 16; // as pushes and rotations leave them
    private static final int MOST_ROTATIONS = 6;
    private static final double AGREEMENT = 0.03;
    private static final double CLAIMED_RATE = 0.85;
    private static final double CLAIMED_P99 = 1.15;

    private final BenchOptions options;
    private final Deployment world;
    private final Tenant acme;
    private final Map<String, Object> figures = new LinkedHashMap<>();

    private RotationBench(BenchOptions options, Deployment world) {
        this.options = options;
        this.world = world;
        this.acme = world.acme();
    }

    /** Exit code 0 when the claims hold, 1 when not, 2 for words that make no sense. */
    public static int run(String[] words) throws Exception {
        Optional<BenchOptions> options = BenchOptions.of(words);
        if (options.isEmpty()) {
            return 2;
        }
        try (Deployment world = Deployment.withoutModel(Launch.optimised())) {
            return new RotationBench(options.get(), world).measure() ? 0 : 1;
        }
    }

    private boolean measure() throws Exception {
        prepare();
        boolean holds = true;
        if (options.runs(Part.WHOLE)) {
            holds = whole();
        }
        if (options.runs(Part.SHARED)) {
            holds &= shared();
        }
        figures.put("holds", holds);
        String json = JsonMapper.shared().writeValueAsString(figures);
        System.out.println(json);
        if (options.json.isPresent()) {
            Files.writeString(options.json.get(), json + "\n");
        }
        return holds;
    }

    /** A real version of each tenant, and records as of many more. */
    private void prepare() throws Exception {
        Tenant alone = world.newTenant("alone");
        for (Tenant tenant : List.of(acme, alone)) {
            ModelName model = tenant.model("tiny");
            world.permit(model);
            world.push(model, TinyModel.write(world.owner().resolve(tenant.name()), 1));
        }
        world.vault().close();
        say("writing %d records as pushes leave them, and as many alone", options.records);
        tokenSide(TokenSide.FILL, acme.name(), "" + options.records, "" + TOGETHER);
        if (options.runs(Part.WHOLE)) {
            tokenSide(TokenSide.FILL, alone.name(), "" + options.records, "1");
        }
        figures.put("records", options.records);
        figures.put("processors", Runtime.getRuntime().availableProcessors());
    }

    private boolean whole() throws Exception {
        Ceiling before = ceiling();
        world.startVault(Launch.optimised());
        List<RotationDriver.Span> again;
        RotationDriver.Span alone;
        try (var ours = new RotationDriver(world, acme);
                var theirs = new RotationDriver(world, world.tenant("alone"))) {
            again = untilTwoAgree(ours);
            alone = theirs.whole();
        }
        world.vault().close();
        Ceiling after = ceiling();
        double oneThread = (before.oneThread() + after.oneThread()) / 2;
        double best = (before.best() + after.best()) / 2;
        say(
                "the module's own ceiling, re-wraps a second with %s threads: %s before, %s after",
                TokenSide.THREADS, before, after);
        figures.put("ceiling_one_thread", oneThread);
        figures.put("ceiling_best", best);
        report("cold", "a process's first", again.getFirst(), oneThread, best);
        for (RotationDriver.Span span : again.subList(1, again.size() - 1)) {
            report("warming", "not warm yet", span, oneThread, best);
        }
        report("warm", "warm", again.getLast(), oneThread, best);
        report("alone", "warm, each with a MAC of its own", alone, oneThread, best);
        return again.getLast().perSecond() >= CLAIMED_RATE * oneThread;
    }

    /** Compilers take a tenth of a process's first rotation; the ceiling's loop is warm as well. */
    private static List<RotationDriver.Span> untilTwoAgree(RotationDriver driver) {
        var spans = new ArrayList<RotationDriver.Span>();
        spans.add(driver.whole());
        do {
            spans.add(driver.whole());
        } while (spans.size() < MOST_ROTATIONS && !lastTwoAgree(spans));
        return spans;
    }

    private static boolean lastTwoAgree(List<RotationDriver.Span> spans) {
        double ratio = spans.getLast().perSecond() / spans.get(spans.size() - 2).perSecond();
        return Math.abs(ratio - 1) <= AGREEMENT;
    }

    private void report(
            String name, String what, RotationDriver.Span span, double one, double best) {
        say(
                "%s: %d re-wrapped at %.0f/s, %.2f of the ceiling with one thread and %.2f of the"
                        + " best; with the look at every record, which took %.1f s more, %.2f and"
                        + " %.2f; %d us of processor time for each",
                what,
                span.records(),
                span.perSecond(),
                span.perSecond() / one,
                span.perSecond() / best,
                span.rest().toMillis() / 1e3,
                span.perSecondOfAll() / one,
                span.perSecondOfAll() / best,
                span.processor().toNanos() / 1000 / span.records());
        figures.put(
                name,
                Map.of(
                        "per_second", span.perSecond(),
                        "of_one_thread", span.perSecond() / one,
                        "of_best", span.perSecond() / best,
                        "to_the_end_of_one_thread", span.perSecondOfAll() / one));
    }

    private boolean shared() throws Exception {
        world.startVault(Launch.optimised());
        ModelName minilm = acme.model("minilm");
        Path plain =
                Path.of(System.getProperty("strongroom.models")).resolve("all-minilm-l6-v2.onnx");
        world.permit(minilm);
        world.push(minilm, plain);
        world.serves(minilm);
        world.startNode(minilm, Launch.optimised());
        var pairs = new ArrayList<SharedToken.Pair>();
        long moved;
        try (var token = new SharedToken(world, minilm, options.half())) {
            token.warmUp();
            for (int i = 0; i < options.pairs; i++) {
                SharedToken.Pair pair = i % 2 == 0 ? token.aloneFirst() : token.besideFirst();
                say("pair %d: %s", i + 1, pair);
                pairs.add(pair);
            }
            moved = pairs.stream().mapToLong(SharedToken.Pair::moved).sum();
        }
        double releases = median(pairs.stream().map(SharedToken.Pair::releases).toList());
        double inferences = median(pairs.stream().map(SharedToken.Pair::inferences).toList());
        say(
                "a fifth of the token: %d records moved, no call failed; p99 beside the rotation to"
                        + " p99 without, median of %d pairs: releases %.2f, inference %.2f",
                moved, options.pairs, releases, inferences);
        figures.put("shared_moved", moved);
        figures.put("pairs", pairs.stream().map(SharedToken.Pair::figures).toList());
        figures.put("p99_releases", releases);
        figures.put("p99_inference", inferences);
        return releases <= CLAIMED_P99 && inferences <= CLAIMED_P99;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    /** Re-wraps a second, by threads, and what one of one thread takes. */
    private record Ceiling(List<Double> rates, double processorMicros) {
        double oneThread() {
            return rates.getFirst();
        }

        double best() {
            return Collections.max(rates);
        }

        @Override
        public String toString() {
            List<Long> rounded = rates.stream().map(Math::round).toList();
            return "%s and %.0f us of processor time".formatted(rounded, processorMicros);
        }
    }

    private Ceiling ceiling() throws IOException, InterruptedException {
        String line = tokenSide(TokenSide.CEILING, acme.name()).strip();
        List<Double> figures = Arrays.stream(line.split(" ")).map(Double::valueOf).toList();
        return new Ceiling(figures.subList(0, figures.size() - 1), figures.getLast());
    }

    /** Work on the stopped vault's token and database, by a process that may log in to it. */
    private String tokenSide(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.addAll(List.of("dev.strongroom.bench.Main", "token-side"));
        for (String field : List.of("module", "label", "serial", "pinFile")) {
            command.add(world.token().path(field).asString());
        }
        command.add(world.vaultData().resolve("vault.db").toString());
        command.addAll(List.of(words));
        return world.distribution().run(command).succeeded().out();
    }

    private static void say(String format, Object... arguments) {
        System.out.printf(format + "%n", arguments);
    }
}
