package dev.strongroom.e2e;

import static dev.strongroom.bench.Verdicts.say;

import dev.strongroom.bench.Verdicts;
import dev.strongroom.bench.load.Pairs;
import dev.strongroom.bench.load.SyntheticModel;
import dev.strongroom.bench.push.Age;
import dev.strongroom.bench.push.BareUpload;
import dev.strongroom.bench.serve.Ratios;
import dev.strongroom.client.PushRequest;
import dev.strongroom.crypto.format.ModelName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

/**
 * What a push costs, from the file on the owner's disk to the vault's countersignature: sealing,
 * mutual TLS, hashes and disk on both sides. Preparation is left out; nothing else does it.
 */
public final class PushBench {
    private static final String PUSH = "push: seal, send, commit";
    private static final String BARE = "bare gRPC in the clear";
    private static final String AGE = "age, encrypting to a file";
    private static final int WARM_UPS = 2;
    private static final double MOST_OF_BARE = 3.0;
    private static final double MOST_OF_BOTH = 1.5;

    private final PushBenchOptions options;
    private final Deployment world;
    private final Verdicts verdicts = new Verdicts();

    private PushBench(PushBenchOptions options, Deployment world) {
        this.options = options;
        this.world = world;
    }

    /** Exit code 0 when the claims hold, 1 when not, 2 for words that make no sense. */
    public static int run(String[] words) throws Exception {
        Optional<PushBenchOptions> options = PushBenchOptions.of(words);
        if (options.isEmpty()) {
            return 2;
        }
        try (Deployment world = Deployment.withoutModel(Launch.optimised())) {
            return new PushBench(options.get(), world).measure() ? 0 : 1;
        }
    }

    private boolean measure() throws Exception {
        Path disk = Files.createDirectory(world.rest().resolve("push"));
        Path plain = new SyntheticModel(options.layers).inline(disk.resolve("model.onnx"));
        ModelName model = world.acme().model("pushed");
        world.permit(model);
        Optional<Age> age = Age.installed();
        if (age.isEmpty()) {
            say("age is not installed (Debian: apt-get install age): its rows are left out");
        }
        try (var bare = BareUpload.to(disk.resolve("bare"))) {
            var sides =
                    new Pairs()
                            .with(PUSH, millis(() -> push(model, plain)))
                            .with(BARE, millis(() -> bare.send(plain)));
            if (age.isPresent()) {
                Path encrypted = disk.resolve("model.age");
                sides.with(AGE, millis(() -> age.get().encrypt(plain, encrypted)));
            }
            judge(sides.run(WARM_UPS, options.pairs), Files.size(plain));
        }
        return verdicts.finish(options.json);
    }

    private void judge(Map<String, List<Double>> seen, long bytes) {
        say("%d MB, milliseconds:", bytes / 1_000_000);
        seen.forEach((side, samples) -> {
            var sorted = new Ratios(samples);
            say(
                    "  %-30s %8.0f (95%%: %.0f to %.0f)",
                    side, sorted.median(), sorted.lower(), sorted.upper());
            verdicts.put(side, samples);
        });
        verdicts.atMost("push / bare gRPC", ratio(seen, PUSH, BARE), MOST_OF_BARE);
        if (seen.containsKey(AGE)) {
            verdicts.ratio("push / age", ratio(seen, PUSH, AGE));
            verdicts.atMost(
                    "push / age and then bare gRPC",
                    Ratios.of(samples(seen, PUSH), sums(samples(seen, AGE), samples(seen, BARE))),
                    MOST_OF_BOTH);
        }
    }

    private void push(ModelName model, Path plain) throws Exception {
        world.push(model, plain, PushRequest.Preparing.NEVER);
    }

    private static Callable<Double> millis(Pairs.Step step) {
        return () -> {
            long begun = System.nanoTime();
            step.run();
            return (System.nanoTime() - begun) / 1e6;
        };
    }

    private static Ratios ratio(Map<String, List<Double>> seen, String ours, String theirs) {
        return Ratios.of(samples(seen, ours), samples(seen, theirs));
    }

    private static List<Double> samples(Map<String, List<Double>> seen, String side) {
        return Objects.requireNonNull(seen.get(side), side);
    }

    private static List<Double> sums(List<Double> some, List<Double> others) {
        return IntStream.range(0, some.size())
                .mapToObj(round -> some.get(round) + others.get(round))
                .toList();
    }
}
