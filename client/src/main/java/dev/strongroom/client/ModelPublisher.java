package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.client.prepare.ModelSource;
import dev.strongroom.client.prepare.PrepareProcess;
import dev.strongroom.client.prepare.PrivateDirectory;
import dev.strongroom.crypto.format.CompanionFile;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.Preparation;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.fingerprint.FingerprintKey;
import dev.strongroom.fingerprint.FingerprintRoot;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Prepares, seals and pushes models. A push that was interrupted anywhere goes on where it stopped
 * when it is called again with the same source: from the spool, never by sealing again under an old
 * key.
 *
 * <p>Not thread-safe; two pushes of different models may run in two instances.
 */
public final class ModelPublisher {
    private static final long UNSUSPICIOUS_GRAPH_BYTES = 16L << 20; // without weights, it is less

    private final VaultConnection vault;
    private final Profile profile;
    private final Digest pin;
    private final TrustAnchors anchors;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Progress progress;

    /**
     * @param vault with an owner's identity, and the owner root key in its profile
     * @param pin fingerprint of the ceremony key, learnt out of band
     * @param anchors the world this process belongs to
     */
    public ModelPublisher(
            VaultConnection vault,
            Digest pin,
            TrustAnchors anchors,
            InstantSource clock,
            SecureRandom random,
            Progress progress) {
        this.vault = vault;
        this.profile = vault.profile();
        this.pin = pin;
        this.anchors = anchors;
        this.clock = clock;
        this.random = random;
        this.progress = progress;
    }

    /**
     * Pushes a model; returns when the vault has made it visible and its word for it is verified.
     *
     * @throws ClientException when the model, the pin, a key or a proof is not in order
     */
    public Pushed push(PushRequest request)
            throws ClientException, IOException, InterruptedException {
        if (PrivateDirectory.wipeLeftovers(profile.privateFolder()) > 0) {
            progress.warning("wiped prepared files that an earlier push left behind");
        }
        requireOneWay(request);
        OwnerKey owner = OwnerKey.load(profile);
        VaultIdentity identity = vault.identify(pin, anchors);
        PushRules rules = PushRules.fetch(vault, request, owner);
        rules.least().require(identity.level()); // of what a spool was sealed for too
        ModelSource source = ModelSource.of(request.source());
        if (request.calibration().isPresent()) {
            CalibrationFile.requireTap(source);
        }
        try (Spool spool =
                Spool.open(
                        profile.spoolFolder(),
                        request.model(),
                        spoolKey(source, request, pin, rules.least().level()))) {
            Optional<Spool.Sealed> left = spool.load(owner.keyId(), progress);
            Spool.Sealed sealed =
                    left.isPresent()
                            ? left.get()
                            : seal(source, request, owner, identity, rules, spool);
            handOver(sealed, request, owner);
            Pushed pushed =
                    new VersionSender(vault, anchors, progress)
                            .send(sealed, rules.least(), identity, spool);
            spool.delete();
            return pushed;
        }
    }

    /**
     * Names a spool: same source, same way of sealing, same vault, and the same of all that the
     * caller asked for and the owner demands, since what was sealed before is pushed as it is.
     *
     * @param least level of the vault's keys
     */
    static Digest spoolKey(ModelSource source, PushRequest request, Digest pin, TrustLevel least)
            throws ClientException, IOException {
        Canonical spool =
                Canonical.of("strongroom/spool", 2)
                        .bytes(source.fingerprint().bytes())
                        .bytes(pin.bytes())
                        .text(request.preparing().name())
                        .u8(least.number())
                        .text(request.marking().name())
                        .text(request.licence())
                        .text(request.provenance());
        request.resealBy().forEach(spool::text);
        request.agent().ifPresent(agent -> spool.bytes(agent.id().bytes()));
        if (request.calibration().isPresent()) {
            spool.bytes(Digest.sha256(CalibrationFile.read(request.calibration().get())).bytes());
        }
        return Digest.sha256(spool.toByteArray());
    }

    private static void requireOneWay(PushRequest request) throws ClientException {
        if (request.agent().isPresent() && !request.resealBy().isEmpty()) {
            throw ClientException.local(
                    "a split version cannot be sealed anew by a node",
                    "leave out --reseal-by; push the model again when a data key leaked");
        }
    }

    private Spool.Sealed seal(
            ModelSource source,
            PushRequest request,
            OwnerKey owner,
            VaultIdentity identity,
            PushRules rules,
            Spool spool)
            throws ClientException, IOException, InterruptedException {
        spool.clear();
        ImportCertificate certificate = importCertificate(request, identity, rules.least());
        ModelSealer.Demands demands = demands(request, owner, rules);
        var sealer = new ModelSealer(owner, random, clock);
        VersionId versionId = VersionId.random(random);
        List<Draft.Companion> companions = companions(request, versionId);
        Sealing sealing =
                (from, how) -> {
                    var draft = new Draft(from, how, versionId, companions);
                    return sealer.seal(draft, request, demands, certificate, spool, progress);
                };
        if (request.preparing() == PushRequest.Preparing.NEVER) {
            warnOfWeightsInGraph(source);
            return sealing.of(source, Preparation.NONE);
        }
        try (PrivateDirectory directory = PrivateDirectory.create(profile.privateFolder())) {
            Optional<String> lacking = PrepareProcess.lacking(source, directory);
            if (lacking.isPresent()) {
                progress.warning(
                        "sealed as it is, without preparation: "
                                + lacking.get()
                                + ". Nodes run it slower, as it was exported; push it again where"
                                + " there is more");
                warnOfWeightsInGraph(source);
                return sealing.of(source, Preparation.NONE);
            }
            if (!directory.onTmpfs()) {
                progress.warning(
                        directory.path()
                                + " is not on tmpfs: prepared plaintext touches a disk before it is"
                                + " wiped");
            }
            progress.step("preparing", 0);
            ModelSource prepared = PrepareProcess.run(source, directory, progress);
            return sealing.of(prepared, Preparation.ORT_EXTENDED);
        }
    }

    /** Of the owner's files, or of what was prepared from them. */
    @FunctionalInterface
    private interface Sealing {
        Spool.Sealed of(ModelSource source, Preparation preparation)
                throws ClientException, IOException;
    }

    private void warnOfWeightsInGraph(ModelSource source) {
        if (source.graph().bytes() > UNSUSPICIOUS_GRAPH_BYTES) {
            progress.warning(
                    "sealed as it is, without preparation: the "
                            + (source.graph().bytes() >> 20)
                            + " MiB inside "
                            + source.graph().path().getFileName()
                            + " are copied outside locked memory on a node; let push prepare it, or"
                            + " export its weights to a file beside it");
        }
    }

    private List<Draft.Companion> companions(PushRequest request, VersionId versionId)
            throws ClientException, IOException {
        var companions = new ArrayList<Draft.Companion>();
        if (request.marking() == PushRequest.Marking.PER_RECIPIENT) {
            try (FingerprintRoot root = FingerprintFile.loadOrCreate(profile, random);
                    FingerprintKey key = root.forVersion(versionId.hex())) {
                companions.add(new Draft.Companion(CompanionFile.FINGERPRINT, key.bytes()));
            }
        }
        if (request.calibration().isPresent()) {
            companions.add(
                    new Draft.Companion(
                            CompanionFile.CALIBRATION,
                            CalibrationFile.read(request.calibration().get())));
        }
        if (request.generation().isPresent()) {
            companions.add(
                    new Draft.Companion(
                            CompanionFile.GENERATION,
                            GenerationFile.read(request.generation().get())));
        }
        return companions;
    }

    private ImportCertificate importCertificate(
            PushRequest request, VaultIdentity identity, LeastLevel least) throws ClientException {
        ImportCertificate certificate =
                new VaultKeys(vault)
                        .importCertificate(request.model().tenant(), identity, clock.instant());
        least.require(certificate.level());
        return certificate;
    }

    private ModelSealer.Demands demands(PushRequest request, OwnerKey owner, PushRules rules)
            throws ClientException {
        return new ModelSealer.Demands(rules.release(), rules.output(), partKey(request, owner));
    }

    private Optional<OwnerAgent.PartKey> partKey(PushRequest request, OwnerKey owner)
            throws ClientException {
        if (request.agent().isEmpty()) {
            return Optional.empty();
        }
        try (var agent = OwnerAgent.open(request.agent().get(), owner)) {
            return Optional.of(agent.partKey(anchors.tee()));
        }
    }

    /** The agent has the part before anybody can see the version. */
    private void handOver(Spool.Sealed sealed, PushRequest request, OwnerKey owner) {
        if (sealed.part().isPresent() && request.agent().isPresent()) {
            progress.step("handing the second part to the agent", 0);
            try (var agent = OwnerAgent.open(request.agent().get(), owner)) {
                agent.add(sealed.part().get());
            }
        }
    }
}
