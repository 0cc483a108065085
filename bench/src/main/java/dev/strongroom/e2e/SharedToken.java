package dev.strongroom.e2e;

import dev.strongroom.client.InferenceClient;
import dev.strongroom.client.Profile;
import dev.strongroom.client.Tensor;
import dev.strongroom.client.VaultConnection;
import dev.strongroom.crypto.format.ModelName;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * One load, with a rotation beside it and without: releases of a key, asked for at a steady pace,
 * and inference with a sentence of 16 tokens.
 */
final class SharedToken implements AutoCloseable {
    private static final int SHARE = 20; // percent
    private static final int WHOLE = 100;
    private static final int CALLS_A_SECOND = 25; // of either kind
    private static final int WARMING_CALLS_A_SECOND = 200; // more than there can be
    private static final Duration WARM_UP = Duration.ofSeconds(20);
    private static final int TOKENS = 16;
    private static final Duration LOOK = Duration.ofSeconds(1); // each is a call as well

    private final Load load;
    private final RotationDriver rotation;
    private final VaultConnection vault;
    private final ReleaseProbe probe;
    private final ReleaseProbe.Version version;
    private final InferenceClient node;
    private final List<Tensor> inputs;

    SharedToken(Deployment world, ModelName served, Duration half) throws Exception {
        Tenant acme = world.acme();
        this.load = new Load(CALLS_A_SECOND, half);
        rotation = new RotationDriver(world, acme);
        vault = VaultConnection.open(new Profile(acme.node()), world.vault().field("grpc"));
        probe = new ReleaseProbe(world, acme);
        version = probe.version(vault, acme.model("tiny"), 1);
        node = world.attested();
        inputs =
                node.signature().inputs().stream()
                        .map(port ->
                                Tensor.ofLongs(port.name(), List.of(1L, (long) TOKENS), ones()))
                        .toList();
    }

    private static long[] ones() {
        long[] ones = new long[TOKENS];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** Calls of either kind. */
    private record Load(int aSecond, Duration span) {}

    /** How long calls took in half a pair. */
    record Half(PacedCalls releases, PacedCalls inferences) {}

    /** The same load alone and beside a rotation. */
    record Pair(Half alone, Half beside, long moved) {
        double releases() {
            return beside.releases.quantile(0.99) / alone.releases.quantile(0.99);
        }

        double inferences() {
            return beside.inferences.quantile(0.99) / alone.inferences.quantile(0.99);
        }

        Map<String, Object> figures() {
            return Map.of(
                    "release_p99_alone", alone.releases.quantile(0.99),
                    "release_p99_beside", beside.releases.quantile(0.99),
                    "inference_p99_alone", alone.inferences.quantile(0.99),
                    "inference_p99_beside", beside.inferences.quantile(0.99),
                    "moved", moved);
        }

        @Override
        public String toString() {
            return "releases %s: %.2f; inference %s: %.2f; %d records moved"
                    .formatted(
                            change(alone.releases, beside.releases),
                            releases(),
                            change(alone.inferences, beside.inferences),
                            inferences(),
                            moved);
        }

        private static String change(PacedCalls alone, PacedCalls beside) {
            return "p50 %.1f and %.1f ms, p99 %.1f and %.1f ms"
                    .formatted(
                            alone.quantile(0.5),
                            beside.quantile(0.5),
                            alone.quantile(0.99),
                            beside.quantile(0.99));
        }
    }

    /** Until what will run in the pairs is compiled, which a pair's pace would take minutes for. */
    void warmUp() throws Exception {
        beside(WHOLE, new Load(WARMING_CALLS_A_SECOND, WARM_UP));
        beside(SHARE, load);
    }

    Pair aloneFirst() throws Exception {
        Half alone = calls(load);
        long before = rotation.moved();
        return new Pair(alone, beside(SHARE, load), rotation.moved() - before);
    }

    Pair besideFirst() throws Exception {
        long before = rotation.moved();
        Half beside = beside(SHARE, load);
        return new Pair(calls(load), beside, rotation.moved() - before);
    }

    /** A rotation that ends is followed by the next one, so that there is one all the time. */
    private Half beside(int share, Load load) throws Exception {
        var enough = new CountDownLatch(1);
        try (var driver = Executors.newSingleThreadExecutor()) {
            rotation.goOn(share);
            var rotating =
                    driver.submit(() -> {
                        while (!enough.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                            rotation.goOn(share);
                        }
                        return rotation;
                    });
            Half loaded;
            try {
                loaded = calls(load);
            } finally {
                enough.countDown();
            }
            rotating.get().pause();
            return loaded;
        }
    }

    private Half calls(Load load) throws Exception {
        try (var callers = Executors.newFixedThreadPool(2)) {
            Future<PacedCalls> releases =
                    callers.submit(
                            PacedCalls.of(
                                    () -> probe.ask(vault, version).inVault(),
                                    load.aSecond(),
                                    load.span()));
            Future<PacedCalls> inferences =
                    callers.submit(PacedCalls.of(this::infer, load.aSecond(), load.span()));
            return new Half(releases.get(), inferences.get());
        }
    }

    private Duration infer() throws Exception {
        long begun = System.nanoTime();
        node.infer(inputs);
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    @Override
    public void close() {
        node.close();
        vault.close();
        rotation.close();
    }
}
