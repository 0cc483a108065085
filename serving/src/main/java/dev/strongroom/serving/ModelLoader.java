package dev.strongroom.serving;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.FileEntry;
import dev.strongroom.crypto.format.GenerationSettings;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.enclave.lease.Grant;
import dev.strongroom.enclave.lease.LeaseException;
import dev.strongroom.enclave.lease.LeaseRequester;
import dev.strongroom.enclave.lease.MonotonicClock;
import dev.strongroom.enclave.lease.NodeSide;
import dev.strongroom.enclave.lease.Version;
import dev.strongroom.enclave.lease.VersionLookup;
import dev.strongroom.enclave.load.Fetch;
import dev.strongroom.enclave.load.LoadedModel;
import dev.strongroom.enclave.load.ModelOpener;
import dev.strongroom.enclave.load.SealedFiles;
import dev.strongroom.enclave.memory.MemoryProtectionException;
import dev.strongroom.enclave.posture.Fit;
import dev.strongroom.serving.NodeConfig.Wanted;
import dev.strongroom.serving.NodeException.Exit;
import dev.strongroom.serving.engine.Engine;
import dev.strongroom.serving.engine.EngineOptions;
import dev.strongroom.serving.engine.Profile;
import dev.strongroom.serving.engine.UnservableModelException;
import dev.strongroom.serving.guard.detect.Calibration;
import dev.strongroom.serving.guard.detect.CalibrationFormatException;
import dev.strongroom.serving.models.Footprint;
import dev.strongroom.serving.models.ModelRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings versions of one model into this process: ciphertext fetched, leased, opened in protected
 * memory, a session over it, its lease kept.
 *
 * <p>For one thread at a time, but for {@link #isBehind}.
 */
final class ModelLoader {
    private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);
    private static final Duration ROOM_PATIENCE = Duration.ofMinutes(1);

    private final NodeConfig config;
    private final Wanted wanted;
    private final DataFolder folder;
    private final LeaseNeeds needs;
    private final Fit fitness;
    private final Profile profile;
    private final SealedFiles files;
    private final Setback setback = new Setback(MonotonicClock::nanos);
    private volatile Optional<VersionId> meant = Optional.empty();

    /**
     * @param wanted the model
     * @param profile of all sessions of this process, which share its memory
     * @param files ciphertext of all models
     */
    ModelLoader(
            NodeConfig config,
            Wanted wanted,
            DataFolder folder,
            LeaseNeeds needs,
            Fit fitness,
            Profile profile,
            SealedFiles files) {
        this.config = config;
        this.wanted = wanted;
        this.folder = folder;
        this.needs = needs;
        this.fitness = fitness;
        this.profile = profile;
        this.files = files;
    }

    /**
     * The wanted version, under the first lease of this process.
     *
     * @param room true when there is memory for it; asked before anything of it is fetched
     */
    LeaseLife first(StartTimes times, Predicate<Footprint> room)
            throws NodeException, LeaseException, MemoryProtectionException, IOException {
        try (var requester = requester()) {
            Version version = wanted.find(requester.versions(), requester.ownerId());
            times.ended("version");
            if (!room.test(needed(version.manifest()))) {
                throw new NodeException(
                        Exit.LOCAL,
                        "memoryBytes: %s has more weights than its tenant's part of it; raise it"
                                .formatted(wanted.name()));
            }
            Leased leased = leased(requester, version, times);
            return LeaseLife.begin(needs, leased.grant(), leased.model());
        }
    }

    private record Leased(Grant grant, OpenModel model) {}

    /** Fetched, leased and opened, as far as possible side by side. */
    private Leased leased(LeaseRequester requester, Version version, StartTimes times)
            throws NodeException, LeaseException, MemoryProtectionException, IOException {
        try (var fetch = files.begin(needs.vault(), version.manifest())) {
            fetch.awaitLittleLeft();
            var released = requester.lease(version);
            times.ended("lease");
            OpenModel model = open(released, fetch);
            times.ended("session");
            return new Leased(released.grant(), model);
        }
    }

    /**
     * The latest version beside the one in force, whose place it can take at once; of an alias the
     * one that it means now.
     *
     * @param serving stays as it is
     * @return empty when that is the one in force, or there is no room for both, or it failed a
     *     while ago
     */
    Optional<LeaseLife> later(LeaseLife serving, ModelRegistry registry)
            throws NodeException,
                    LeaseException,
                    MemoryProtectionException,
                    IOException,
                    InterruptedException {
        Version version = version(serving);
        if (!isNext(version, serving) || !setback.permits(Setback.Attempt.of(version))) {
            return Optional.empty();
        }
        Optional<LeaseLife> next = beside(serving, version, registry);
        if (next.isEmpty()) {
            LOG.warn(
                    "version.no-room model={} version={} the one in force goes on; raise memoryBytes",
                    wanted.name(),
                    version.number());
        }
        return next;
    }

    private boolean isNext(Version version, LeaseLife serving) {
        return wanted.alias().isPresent()
                ? !isOf(serving, version.manifest().content().versionId())
                : version.number() > serving.grant().lease().versionNumber();
    }

    private static boolean isOf(LeaseLife life, VersionId version) {
        return life.grant().lease().versionId().equals(version);
    }

    /** True if this is not the version that was wanted when that was looked up last. */
    boolean isBehind(LeaseLife serving) {
        return meant.filter(version -> !isOf(serving, version)).isPresent();
    }

    /**
     * The wanted version beside what other models this process serves; what was not called for
     * longest leaves for it.
     *
     * @param serving a lease of this process, whose TLS key the new one is for
     * @return empty when there is no room
     */
    Optional<LeaseLife> beside(LeaseLife serving, ModelRegistry registry)
            throws NodeException,
                    LeaseException,
                    MemoryProtectionException,
                    IOException,
                    InterruptedException {
        return beside(serving, version(serving), registry);
    }

    /** True if the wanted version fits beside what is there. */
    boolean fits(LeaseLife serving, ModelRegistry registry) throws LeaseException, IOException {
        return registry.fits(wanted.name().toString(), needed(version(serving).manifest()));
    }

    /** The owner's rules for the wanted version, as long as nobody holds a lease for it. */
    OutputPolicy rules(LeaseLife serving) throws NodeException, LeaseException, IOException {
        return OwnersRules.parse(version(serving).output());
    }

    private Version version(LeaseLife serving) throws LeaseException, IOException {
        var versions =
                new VersionLookup(
                        needs.vault(), needs.anchors(), needs.memory(), InstantSource.system());
        Version version = wanted.find(versions, ownerId(serving));
        meant = Optional.of(version.manifest().content().versionId());
        return version;
    }

    /** Of this model; where the operator names none, all of this process are of one. */
    private Digest ownerId(LeaseLife serving) {
        return needs.owners().map(NodeOwners::own).orElseGet(() -> serving.grant().owners().own());
    }

    private Optional<LeaseLife> beside(LeaseLife serving, Version version, ModelRegistry registry)
            throws NodeException,
                    LeaseException,
                    MemoryProtectionException,
                    IOException,
                    InterruptedException {
        if (!registry.makeRoom(
                needed(version.manifest()), wanted.name().toString(), ROOM_PATIENCE)) {
            return Optional.empty();
        }
        try (var requester = requesterBeside(serving)) {
            Leased leased = leased(requester, version, new StartTimes());
            return Optional.of(serving.next(needs, leased.grant(), leased.model()));
        } catch (LeaseException e) {
            if (e.kind() == LeaseException.Kind.DENIED
                    || e.kind() == LeaseException.Kind.INTEGRITY) {
                failed(Setback.Attempt.of(version));
            }
            throw e;
        } catch (NodeException | MemoryProtectionException | RuntimeException e) {
            failed(Setback.Attempt.of(version));
            throw e;
        }
    }

    /** Says of a later version that it was opened and cannot be gone over to. */
    void refused(LeaseLife later) {
        failed(Setback.Attempt.of(later.grant()));
    }

    private void failed(Setback.Attempt attempt) {
        Duration pause = setback.failed(attempt);
        LOG.warn("version.set-back manifest={} pause={}", attempt.manifest(), pause);
    }

    /** Ciphertext that it was opened from. */
    List<Path> files(LeaseLife life) {
        return files.paths(life.grant().manifest());
    }

    /** What a version takes of the protected memory that this node may have. */
    Footprint needed(LeaseLife life) {
        return needed(life.grant().manifest());
    }

    private Footprint needed(VerifiedManifest manifest) {
        return config.loading()
                .needed(
                        manifest.content().files().stream()
                                .mapToLong(file -> file.plaintextBytes())
                                .sum());
    }

    private LeaseRequester requester() {
        return new LeaseRequester(side());
    }

    private LeaseRequester requesterBeside(LeaseLife serving) {
        return LeaseRequester.beside(serving.grant(), side());
    }

    private NodeSide side() {
        return new NodeSide(
                needs.vault(),
                needs.pin(),
                needs.lanes().renewals(),
                needs.anchors(),
                fitness,
                needs.memory(),
                InstantSource.system(),
                needs.random(),
                needs.owners(),
                needs.agent());
    }

    private OpenModel open(LeaseRequester.Released released, Fetch fetch)
            throws NodeException, LeaseException, MemoryProtectionException, IOException {
        byte[] guardKey = released.guardKey(); // opening zeroes what it comes from
        LoadedModel loaded =
                ModelOpener.open(
                        released, fetch, config.loading().protection(), fitness, config.threads());
        return session(released, loaded, fetch, guardKey);
    }

    private OpenModel session(
            LeaseRequester.Released released, LoadedModel loaded, Fetch fetch, byte[] guardKey)
            throws NodeException, LeaseException, IOException {
        try {
            Optional<Digest> mark = Fingerprint.put(needs.vault(), released.grant(), loaded);
            var options = new EngineOptions(wanted.run().threads(), profile, folder.scratch());
            Optional<Calibration> calibration = calibration(loaded);
            GenerationSettings generation = generation(loaded);
            Engine engine = Engine.open(loaded, options);
            requireKept(fetch, engine);
            sayHowPrepared(released.grant().manifest().content());
            return new OpenModel(loaded, engine, mark, calibration, generation, guardKey);
        } catch (UnservableModelException e) {
            loaded.close();
            throw new NodeException(Exit.LOCAL, String.valueOf(e.getMessage()), e);
        } catch (NodeException | LeaseException | IOException | RuntimeException | Error e) {
            loaded.close();
            throw e;
        }
    }

    /** Files that came are forced to the disk while the session is made. */
    private static void requireKept(Fetch fetch, Engine engine) throws IOException, LeaseException {
        try {
            fetch.kept();
        } catch (IOException | LeaseException | RuntimeException | Error e) {
            engine.close();
            throw e;
        }
    }

    /** What is in the graph itself, a session copies; prepared versions have weights apart. */
    private static void sayHowPrepared(ContentStatement content) {
        LOG.info(
                "version.opened model={} preparation={} graph-bytes={}",
                content.model(),
                content.preparation(),
                content.files().stream()
                        .filter(file -> file.name().equals(content.graphFile()))
                        .mapToLong(FileEntry::plaintextBytes)
                        .sum());
    }

    private static Optional<Calibration> calibration(LoadedModel loaded) throws NodeException {
        Optional<ByteBuffer> sealed = loaded.calibration();
        try {
            return sealed.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Calibration.read(sealed.get()));
        } catch (CalibrationFormatException e) {
            throw new NodeException(
                    Exit.LOCAL,
                    e.getMessage() + "; make it anew with: strongroom guard calibrate",
                    e);
        }
    }

    private static GenerationSettings generation(LoadedModel loaded) throws NodeException {
        Optional<ByteBuffer> sealed = loaded.generation();
        try {
            return sealed.isEmpty()
                    ? GenerationSettings.UNKNOWN
                    : GenerationSettings.parse(sealed.get().array());
        } catch (SealedFormatException e) {
            throw new NodeException(
                    Exit.LOCAL, e.getMessage() + "; push the model anew with --generation", e);
        }
    }
}
