package dev.strongroom.e2e;

import static dev.strongroom.bench.Verdicts.say;

import dev.strongroom.bench.Verdicts;
import dev.strongroom.bench.peer.Question;
import dev.strongroom.bench.serve.Clients;
import dev.strongroom.bench.serve.Comparison;
import dev.strongroom.bench.serve.Echo;
import dev.strongroom.bench.serve.Load;
import dev.strongroom.bench.serve.NodeLoad;
import dev.strongroom.bench.serve.PlainSession;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.e2e.ServeOptions.Row;
import dev.strongroom.sim.demo.Daemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** What serving costs, beside what cannot be avoided. Every process is a real one. */
public final class ServeBench {
    private static final long TINY_SEED = 1;
    private static final int TINY_CALLS = 12; // while one of MiniLM is enough to warm up

    private final ServeOptions options;
    private final Deployment world;
    private final Verdicts verdicts = new Verdicts();

    private ServeBench(ServeOptions options, Deployment world) {
        this.options = options;
        this.world = world;
    }

    /** Exit code 0 when the claims hold, 1 when not, 2 for words that make no sense. */
    public static int run(String[] words) throws Exception {
        Optional<ServeOptions> options = ServeOptions.of(words);
        if (options.isEmpty()) {
            return 2;
        }
        if (options.get().models.isPresent()) {
            write(options.get().models.get());
            return 0;
        }
        try (Deployment world = Deployment.withoutModel(Launch.plain())) {
            return new ServeBench(options.get(), world).measure() ? 0 : 1;
        }
    }

    private boolean measure() throws Exception {
        Tenant acme = world.acme();
        world.configureNodes("profile: " + options.profile);
        verdicts.put("profile", options.profile);
        Path plainTiny = TinyModel.write(world.owner().resolve("tiny.onnx"), TINY_SEED);
        Path plainMiniLm = miniLm();
        try (PeerRow peers = peers(plainTiny, plainMiniLm)) {
            if (options.runsOneOf(Row.TINY, Row.TINY_ALONE, Row.PEERS)) {
                ModelName tiny = acme.model("tiny");
                tiny(tiny, served(tiny, plainTiny), peers);
            }
            if (options.runsOneOf(Row.SHORT, Row.PAIRED, Row.LONG, Row.OVERLOAD, Row.PEERS)) {
                ModelName minilm = acme.model("minilm");
                minilm(minilm, plainMiniLm, served(minilm, plainMiniLm), peers);
            }
        }
        return verdicts.finish(options.json);
    }

    private static Path miniLm() {
        return Path.of(System.getProperty("strongroom.models")).resolve("all-minilm-l6-v2.onnx");
    }

    private static void write(Path folder) throws IOException {
        Path tiny = TinyModel.write(folder.resolve(PeerRow.TINY + ".onnx"), TINY_SEED);
        Path miniLm = folder.resolve(PeerRow.MINILM + ".onnx");
        Files.copy(miniLm(), miniLm, StandardCopyOption.REPLACE_EXISTING);
        say("%s%n%s", tiny, miniLm);
    }

    private PeerRow peers(Path tiny, Path miniLm) throws IOException, InterruptedException {
        return options.runs(Row.PEERS)
                ? PeerRow.of(options, Map.of(PeerRow.TINY, tiny, PeerRow.MINILM, miniLm), verdicts)
                : PeerRow.none(options, verdicts);
    }

    private Daemon served(ModelName model, Path plain) throws Exception {
        world.permit(model);
        world.push(model, plain);
        return world.startNode(model, Launch.optimised().withJvmOptions(options.nodeOptions));
    }

    private void tiny(ModelName model, Daemon node, PeerRow peers) throws Exception {
        byte[] request = NodeLoad.floats(model.toString(), TinyModel.row(1));
        try (NodeLoad there = node(node);
                Echo echo = Echo.start(there.answerBytes(request), 2);
                Load unary = there.unary(2, 16, request);
                Load stream = there.stream(2, 16, request);
                Load bare = echo.load(2, 16, request);
                Load alone = there.unary(1, 1, request);
                Load bareAlone = echo.load(1, 1, request)) {
            say("warming up: %d calls to each side", options.warmUp);
            for (Load load : new Load[] {bare, unary, stream}) {
                load.warmUp(options.warmUp);
            }
            if (options.runs(Row.TINY)) {
                var before = there.runs(model.toString());
                var calls = compare("tiny unary, 32 under way", unary, bare);
                say("rows of a run: %.1f", there.runs(model.toString()).rowsPerRunSince(before));
                verdicts.atLeast("tiny unary / echo, calls a second", calls.rate(), 0.60);
                verdicts.atMost("tiny unary, server's processor per call, us", calls.micros(), 25);
                before = there.runs(model.toString());
                var streamed = compare("tiny stream, 32 under way", stream, bare);
                say("rows of a run: %.1f", there.runs(model.toString()).rowsPerRunSince(before));
                verdicts.atLeast("tiny stream / echo, calls a second", streamed.rate(), 0.95);
            }
            if (options.runs(Row.PEERS)) {
                peers.compare(
                        "tiny, 32 under way",
                        unary,
                        Question.floats(PeerRow.TINY, TinyModel.row(1)),
                        2,
                        16,
                        options.warmUp / 10);
            }
            if (options.runs(Row.TINY_ALONE)) {
                alone.warmUp(options.warmUp / 10);
                bareAlone.warmUp(options.warmUp / 10);
                var one = compare("tiny unary, 1 under way", alone, bareAlone);
                verdicts.atMost("tiny unary - echo at 1 under way, p50, us", one.later(0.5), 60);
            }
        }
    }

    private void minilm(ModelName model, Path plain, Daemon node, PeerRow peers) throws Exception {
        byte[] words = NodeLoad.tokens(model.toString(), 32);
        byte[] sentences = NodeLoad.tokens(model.toString(), 128);
        try (NodeLoad there = node(node);
                Load sixteen = there.unary(16, 1, words);
                Load two = there.unary(2, 1, words);
                Load longer = there.unary(16, 1, sentences)) {
            int calls = options.warmUp / TINY_CALLS;
            say("warming up: %d calls", calls);
            sixteen.warmUp(calls);
            if (options.runs(Row.SHORT)) {
                try (var eight = new PlainSession(plain, 8, 32)) {
                    var before = there.runs(model.toString());
                    var rows = compare("MiniLM 32 tokens, 16 callers", sixteen, eight::run);
                    say(
                            "rows of a run: %.1f",
                            there.runs(model.toString()).rowsPerRunSince(before));
                    verdicts.atLeast(
                            "MiniLM s32 c16 / in process b8, rows per processor second",
                            rows.economy(),
                            0.95);
                    verdicts.atLeast(
                            "MiniLM s32 c16 / in process b8, rows a second", rows.rate(), 0.90);
                    verdicts.atLeast(
                            "MiniLM s32 c16, fewest / most answers of a connection",
                            rows.fairness(),
                            0.80);
                }
            }
            if (options.runs(Row.PEERS)) {
                peers.compare(
                        "MiniLM 32 tokens, 16 callers",
                        sixteen,
                        Question.tokens(PeerRow.MINILM, 32),
                        16,
                        1,
                        calls / 10);
            }
            if (options.runs(Row.PAIRED)) {
                try (var one = new PlainSession(plain, 1, 32)) {
                    var rows = compare("MiniLM 32 tokens, 2 callers", two, one::run);
                    verdicts.atLeast(
                            "MiniLM s32 c2 / in process b1, rows a second", rows.rate(), 0.90);
                }
            }
            if (options.runs(Row.LONG)) {
                try (var eight = new PlainSession(plain, 8, 128)) {
                    var rows = compare("MiniLM 128 tokens, 16 callers", longer, eight::run);
                    verdicts.atLeast(
                            "MiniLM s128 c16 / in process b8, rows per processor second",
                            rows.economy(),
                            0.95);
                    verdicts.atLeast(
                            "MiniLM s128 c16 / in process b8, rows a second", rows.rate(), 0.92);
                }
            }
            if (options.runs(Row.OVERLOAD)) {
                new OverloadRow(there, model.toString(), words, sixteen, verdicts)
                        .judge(Duration.ofSeconds(options.overloadSeconds));
            }
        }
    }

    private NodeLoad node(Daemon node) {
        return new NodeLoad(
                () -> Clients.mutual(world.acme().consumer(), node.field("grpc")), node.pid());
    }

    private Comparison compare(String name, Comparison.Side ours, Comparison.Side theirs)
            throws Exception {
        var comparison = Comparison.run(ours, theirs, options.pairs, options.span());
        say("%s: %s", name, comparison);
        verdicts.put(name, comparison.figures());
        return comparison;
    }
}
