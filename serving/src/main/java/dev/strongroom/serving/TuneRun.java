package dev.strongroom.serving;

import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.NodeMemory;
import dev.strongroom.enclave.load.SealedFiles;
import dev.strongroom.enclave.memory.MemoryProtectionException;
import dev.strongroom.enclave.posture.Fit;
import dev.strongroom.serving.NodeConfig.Wanted;
import dev.strongroom.serving.NodeException.Exit;
import dev.strongroom.serving.engine.Profile;
import dev.strongroom.serving.infer.RunSettings;
import dev.strongroom.serving.infer.ServedModel;
import dev.strongroom.serving.tune.CutShortException;
import dev.strongroom.serving.tune.Outcome;
import dev.strongroom.serving.tune.Plan;
import dev.strongroom.serving.tune.Search;
import dev.strongroom.serving.tune.Subject;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * {@code tune}: a process of the node's own image that opens a version under a lease as a serving
 * one does, looks how it is best run on this machine, and ends. Nothing comes out of it but times.
 */
final class TuneRun {
    private final NodeConfig config;
    private final Wanted wanted;
    private final Plan plan;
    private final Fit fitness;

    private TuneRun(NodeConfig config, Wanted wanted, Plan plan, Fit fitness) {
        this.config = config;
        this.wanted = wanted;
        this.plan = plan;
        this.fitness = fitness;
    }

    /**
     * What it found.
     *
     * @param version that was looked at
     * @param auditLeaf of the lease
     */
    record Tuned(ModelName model, long version, long auditLeaf, Outcome outcome) {}

    /**
     * Runs; the data folder is its own, or that of a node that does not run now.
     *
     * @throws NodeException with the exit code and what to do
     */
    static Tuned run(NodeConfig config, TuneOptions options, Guest guest, TrustAnchors anchors)
            throws NodeException {
        Fit fitness = Startup.requireFit(config);
        var run = new TuneRun(config, wanted(config, options), options.plan(), fitness);
        try (var folder = DataFolder.open(config.dataDir())) {
            return run.over(folder, guest, anchors);
        } catch (LeaseException | MemoryProtectionException | IOException e) {
            throw Startup.failed(e);
        } catch (CutShortException e) {
            throw new NodeException(Exit.DENIED, "nothing was found: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NodeException(Exit.LOCAL, "interrupted", e);
        }
    }

    /** One thread in each run to begin with, whatever is configured now. */
    private static Wanted wanted(NodeConfig config, TuneOptions options) {
        ModelName name = options.model().orElse(config.models().getFirst().name());
        Optional<Wanted> known =
                config.models().stream().filter(model -> model.name().equals(name)).findFirst();
        return new Wanted(
                name,
                known.flatMap(Wanted::alias),
                known.map(Wanted::version).orElse(0L),
                Duration.ZERO,
                RunSettings.STANDARD);
    }

    private Tuned over(DataFolder folder, Guest guest, TrustAnchors anchors)
            throws NodeException,
                    LeaseException,
                    MemoryProtectionException,
                    IOException,
                    CutShortException,
                    InterruptedException {
        var memory = new NodeMemory(folder.memory());
        memory.requireRoot(anchors.fingerprint());
        Profile profile = config.loading().memory(1, fitness).profile();
        try (var needs = NodeNeeds.open(config, guest, anchors, memory)) {
            var loader =
                    new ModelLoader(
                            config,
                            wanted,
                            folder,
                            needs.of(wanted.name()),
                            fitness,
                            profile,
                            new SealedFiles(folder.sealed(wanted.name().tenant())));
            try (LeaseLife life = loader.first(new StartTimes(), _ -> true)) {
                return search(life, profile, folder);
            }
        }
    }

    private Tuned search(LeaseLife life, Profile profile, DataFolder folder)
            throws NodeException, CutShortException, InterruptedException {
        Lease lease = life.grant().lease();
        if (life.engine().decoder().isPresent()) {
            throw new NodeException(
                    Exit.LOCAL,
                    lease.model()
                            + " generates sequences, whose steps take turns: there is nothing to"
                            + " find. Set run.threads by hand");
        }
        var model =
                new ServedModel(
                        lease.model().toString(),
                        Long.toString(lease.versionNumber()),
                        life.engine(),
                        life.model());
        var machine =
                new Search.Machine(
                        config.threads(),
                        Runtime.getRuntime().availableProcessors(),
                        RunSettings.DEFAULT_BATCH_ROWS,
                        config.limits().messageBytes());
        Outcome outcome = Search.run(new Subject(model, profile, folder.scratch()), plan, machine);
        return new Tuned(lease.model(), lease.versionNumber(), lease.auditLeaf(), outcome);
    }
}
