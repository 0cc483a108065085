package dev.strongroom.e2e;

import static dev.strongroom.bench.Verdicts.say;

import dev.strongroom.bench.Verdicts;
import dev.strongroom.bench.peer.NodePeer;
import dev.strongroom.bench.peer.Peer;
import dev.strongroom.bench.peer.Question;
import dev.strongroom.bench.serve.Calls;
import dev.strongroom.bench.serve.Comparison;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Other servers in turns with the node: one that npm has, and whatever was named. */
final class PeerRow implements AutoCloseable {
    /** What every peer serves, under these names. */
    static final String TINY = "tiny";

    static final String MINILM = "minilm";

    private final ServeOptions options;
    private final Verdicts verdicts;
    private final Optional<NodePeer> started;
    private final List<Peer> peers = new ArrayList<>();

    private PeerRow(ServeOptions options, Verdicts verdicts, Optional<NodePeer> started) {
        this.options = options;
        this.verdicts = verdicts;
        this.started = started;
        started.map(NodePeer::peer).ifPresent(peers::add);
        options.peers.stream().map(Peer::at).forEach(peers::add);
    }

    /**
     * Starts what npm has, or says that it cannot.
     *
     * @param models plain files by name
     */
    static PeerRow of(ServeOptions options, Map<String, Path> models, Verdicts verdicts)
            throws IOException, InterruptedException {
        Path root = Path.of(System.getProperty("strongroom.root"));
        Optional<NodePeer> started =
                NodePeer.start(
                        root.resolve("target/bench-peer"),
                        root.resolve("proto/src/main/protobuf/inference/grpc_service.proto"),
                        models);
        if (started.isEmpty()) {
            say("onnxruntime-node behind grpc-js: left out, node, npm or its packages are missing");
        }
        return new PeerRow(options, verdicts, started);
    }

    /** Without any peer. */
    static PeerRow none(ServeOptions options, Verdicts verdicts) {
        return new PeerRow(options, verdicts, Optional.empty());
    }

    /**
     * Prints ratios; nothing is claimed of them.
     *
     * @param ours warm, with as many calls under way
     * @param warmUp calls of each peer before anything counts
     */
    void compare(
            String row,
            Comparison.Side ours,
            Question question,
            int connections,
            int underWayOnEach,
            int warmUp)
            throws Exception {
        for (Peer peer : peers) {
            try (Calls theirs = peer.asked(question, connections, underWayOnEach)) {
                theirs.warmUp(warmUp);
                var seen = Comparison.run(ours, theirs, options.pairs, options.span());
                String name = row + " / " + peer.name();
                say("%s: %s", name, seen);
                verdicts.put(name, seen.figures());
                verdicts.ratio(name + ", rows a second", seen.rate());
            }
        }
    }

    @Override
    public void close() {
        started.ifPresent(NodePeer::close);
    }
}
