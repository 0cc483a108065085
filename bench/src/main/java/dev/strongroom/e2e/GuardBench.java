package dev.strongroom.e2e;

import dev.strongroom.bench.Verdicts;
import dev.strongroom.bench.guard.GuardPolicy;
import dev.strongroom.bench.guard.HonestRequests;
import dev.strongroom.bench.guard.PrincipalMemory;
import dev.strongroom.bench.serve.Clients;
import dev.strongroom.bench.serve.Comparison;
import dev.strongroom.bench.serve.Load;
import dev.strongroom.bench.serve.NodeLoad;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.sim.demo.Daemon;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the guard adds to a call: the digits' classifier on two nodes in turns, on one calibrated
 * and under a policy that has the guard do all it can, on the other as its owner trained it and
 * under one that asks for rates and budgets only, which every node holds callers to.
 */
public final class GuardBench {
    private static final int SKIPPED = 3;
    private static final int INPUTS = 196;
    private static final double MOST_MICROS = 60;
    private static final long MOST_BYTES = 4096;

    private final GuardBenchOptions options;
    private final Deployment world;
    private final Path files;
    private final Verdicts verdicts = new Verdicts();

    private GuardBench(GuardBenchOptions options, Deployment world) {
        this.options = options;
        this.world = world;
        this.files = world.owner().resolve("digits");
    }

    /**
     * Exit code 0 when the claims hold, 1 when not, 2 for words that make no sense, 3 without the
     * digits.
     */
    public static int run(String[] words) throws Exception {
        Optional<GuardBenchOptions> options = GuardBenchOptions.of(words);
        if (options.isEmpty()) {
            return 2;
        }
        try (Deployment world = Deployment.withoutModel(Launch.plain())) {
            var bench = new GuardBench(options.get(), world);
            Outcome trained = bench.strongroom("redteam", "victim", bench.files.toString());
            if (trained.exit() == SKIPPED) {
                System.err.print(trained.err());
                return SKIPPED;
            }
            trained.succeeded();
            return bench.measure() ? 0 : 1;
        }
    }

    private boolean measure() throws Exception {
        world.configureNodes("profile: " + options.profile);
        Daemon guarded = guarded(world.acme().model("guarded"));
        Daemon bare = bare(world.acme().model("bare"));
        try (NodeLoad ours = node(guarded);
                NodeLoad theirs = node(bare)) {
            alone(ours, theirs);
            crowded(ours, theirs);
        }
        memory();
        return verdicts.finish(options.json);
    }

    private Daemon guarded(ModelName name) throws Exception {
        Path tapped = files.resolve("tapped.onnx");
        Path calibration = files.resolve("calibration");
        strongroom(
                        "guard",
                        "calibrate",
                        files.resolve("victim.onnx").toString(),
                        files.resolve("calibration.npy").toString(),
                        tapped.toString(),
                        calibration.toString())
                .succeeded();
        return served(
                name,
                GuardPolicy.everything(),
                tapped,
                List.of("--calibration", calibration.toString()));
    }

    private Daemon bare(ModelName name) throws Exception {
        return served(name, GuardPolicy.least(), files.resolve("victim.onnx"), List.of());
    }

    private Daemon served(ModelName name, OutputPolicy output, Path plain, List<String> more)
            throws Exception {
        world.permitAnswers(name, output.canonical());
        List<String> push = new ArrayList<>();
        push.addAll(List.of("model", "push", name.toString(), plain.toString()));
        push.addAll(more);
        world.cli(world.acme().owner(), push.toArray(String[]::new)).succeeded();
        return world.startNode(name, Launch.optimised());
    }

    private void alone(NodeLoad ours, NodeLoad theirs) throws Exception {
        try (Load with = ours.unary(1, 1, requests("guarded"));
                Load without = theirs.unary(1, 1, requests("bare"))) {
            var one = compare("1 under way", with, without, options.warmUp);
            verdicts.atMost("1 under way: with - without, p50, us", one.later(0.5), MOST_MICROS);
            verdicts.atMost(
                    "1 under way: with - without, processor of a call, us",
                    one.costlier(),
                    MOST_MICROS);
            Verdicts.say("  p99: %+.0f us", one.later(0.99).median());
        }
    }

    private void crowded(NodeLoad ours, NodeLoad theirs) throws Exception {
        try (Load with = ours.unary(2, 16, requests("guarded"));
                Load without = theirs.unary(2, 16, requests("bare"))) {
            var many = compare("32 under way", with, without, options.warmUp);
            verdicts.atMost(
                    "32 under way: with - without, processor of a call, us",
                    many.costlier(),
                    MOST_MICROS);
            Verdicts.say("  calls a second: %.2f of those without", many.rate().median());
        }
    }

    private HonestRequests requests(String model) throws IOException {
        return new HonestRequests(
                world.acme().model(model).toString(), files.resolve("honest.npy"), INPUTS);
    }

    private Comparison compare(String name, Load with, Load without, int warmUp) throws Exception {
        Verdicts.say("warming up: %d calls to each side", warmUp);
        with.warmUp(warmUp);
        without.warmUp(warmUp);
        var comparison = Comparison.run(with, without, options.pairs, options.span());
        Verdicts.say("%s: %s", name, comparison);
        verdicts.put(name, comparison.figures());
        return comparison;
    }

    private void memory() throws Exception {
        verdicts.atMost("bytes of a caller", (double) PrincipalMemory.each(), MOST_BYTES);
    }

    private NodeLoad node(Daemon node) {
        return new NodeLoad(
                () -> Clients.mutual(world.acme().consumer(), node.field("grpc")), node.pid());
    }

    private Outcome strongroom(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("./strongroom"));
        command.addAll(List.of(words));
        return world.distribution().run(command);
    }
}
