package dev.strongroom.serving;

import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.enclave.reseal.Resealing;
import dev.strongroom.serving.NodeException.Exit;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code node --config FILE}: serves until it is told to stop. {@code node reseal --config FILE}
 * puts the configured version under a new data key and ends. {@code node posture --config FILE}
 * shows each condition of the posture levels and ends. {@code tune --config FILE} looks how a model
 * is best run on this machine, says so and ends. The others each say on standard output, as one
 * line of JSON, that it serves or what it did; everything else goes to standard error.
 *
 * <p>For one run.
 */
public final class NodeCommand {
    private static final String BANNER =
            "*** SIMULATED TEE: a software chip signs this node's evidence; nothing here is"
                    + " protected from its host ***";

    private static final String RESEAL = "reseal";
    private static final String POSTURE = "posture";
    private static final String TUNE = "tune";
    private static final String HOST_DATA = "host-data";
    private static final Set<String> MODES = Set.of("run", RESEAL, POSTURE, HOST_DATA);

    private final Optional<Guest> guest;
    private final TrustAnchors anchors;
    private final PrintStream out;
    private final PrintStream err;

    /** The ready line; model and version are the first of those in memory. */
    record Ready(
            String grpc,
            Optional<String> rest,
            long pid,
            String tee,
            String model,
            long version,
            List<String> models) {}

    /** What a re-seal did. */
    record Resealed(
            String model,
            long version,
            int epoch,
            String manifest,
            long bytes,
            long leaf,
            String tee) {}

    /**
     * @param guest empty on a machine without a trusted execution environment
     * @param anchors the roots that the vault must believe as well
     */
    public NodeCommand(
            Optional<Guest> guest, TrustAnchors anchors, PrintStream out, PrintStream err) {
        this.guest = guest;
        this.anchors = anchors;
        this.out = out;
        this.err = err;
    }

    /** Runs and returns the exit code. */
    public int run(String... arguments) {
        ProcessSettings.apply();
        try {
            List<String> commandLine = List.of(arguments);
            if (NodeUsage.isAskedFor(commandLine)) {
                out.print(commandLine.getFirst().equals(TUNE) ? NodeUsage.TUNE : NodeUsage.NODE);
                return 0;
            }
            if (!commandLine.isEmpty() && commandLine.getFirst().equals(TUNE)) {
                tune(TuneOptions.parse(commandLine.subList(1, commandLine.size())));
                return 0;
            }
            NodeConfig config = NodeConfig.read(configFile(commandLine));
            switch (commandLine.getFirst()) {
                case RESEAL -> reseal(config);
                case POSTURE -> PostureTable.print(config, out);
                case HOST_DATA -> hostData(config);
                default -> serve(config);
            }
            return 0;
        } catch (NodeException e) {
            err.println("strongroom node: " + e.getMessage());
            return e.exit().code();
        }
    }

    private void serve(NodeConfig config) throws NodeException {
        Guest found = guest();
        var stop = new CountDownLatch(1);
        Termination.onSignal(stop::countDown);
        try (var node = Node.start(config, found, anchors)) {
            say(ready(node));
            stop.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a machine for these owners has to be launched with. */
    private void hostData(NodeConfig config) throws NodeException {
        NodeOwners owners =
                config.owners(config.tenants().getFirst())
                        .orElseThrow(() ->
                                new NodeException(
                                        Exit.LOCAL,
                                        "tenants: none is listed; a node of one owner is launched"
                                                + " with his id, which strongroom owner init printed"));
        out.println(owners.hostData());
    }

    private void reseal(NodeConfig config) throws NodeException {
        NodeConfig.Wanted wanted = ResealRun.only(config);
        Guest found = guest();
        Resealing.Done done = ResealRun.run(config, found, anchors);
        say(
                new Resealed(
                        wanted.name().toString(),
                        done.versionNumber(),
                        done.epoch(),
                        done.manifestDigest().hex(),
                        done.sealedBytes(),
                        done.auditLeaf(),
                        found.tee().label()));
    }

    private void tune(TuneOptions options) throws NodeException {
        NodeConfig config = NodeConfig.read(options.config());
        TuneRun.Tuned tuned = TuneRun.run(config, options, guest(), anchors);
        switch (options.form()) {
            case JSON -> say(TuneTable.Line.of(tuned));
            case TABLE -> TuneTable.print(tuned, out);
        }
    }

    private Guest guest() throws NodeException {
        Guest found =
                guest.orElseThrow(() ->
                        new NodeException(
                                Exit.DENIED,
                                "no trusted execution environment: this kernel has no"
                                        + " /sys/kernel/config/tsm/report. Run it in an SEV-SNP"
                                        + " guest, or try the simulated world with"
                                        + " ./strongroom-sim"));
        if (found.tee() == Tee.SIMULATED) {
            err.println(BANNER);
        }
        return found;
    }

    private void say(Object line) {
        out.println(JsonMapper.shared().writeValueAsString(line));
        out.flush();
    }

    private static Ready ready(Node node) {
        var lease = node.lease();
        return new Ready(
                node.address(),
                node.restAddress(),
                ProcessHandle.current().pid(),
                node.tee().label(),
                lease.model().toString(),
                lease.versionNumber(),
                node.models());
    }

    private static Path configFile(List<String> arguments) throws NodeException {
        List<String> rest =
                arguments.size() > 2 && MODES.contains(arguments.getFirst())
                        ? arguments.subList(1, arguments.size())
                        : arguments;
        if (rest.size() != 2 || !rest.getFirst().equals("--config")) {
            throw new NodeException(
                    Exit.LOCAL,
                    "expected [reseal | posture | host-data] --config FILE; see: ./strongroom node --help");
        }
        return Path.of(rest.getLast());
    }
}
