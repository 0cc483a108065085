package dev.strongroom.client;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.ServingNonce;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.client.prepare.ModelSource;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.PolicyDemand;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.Preparation;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.transparency.NonceBatch;
import dev.strongroom.proto.v1.GetEvidenceResponse;
import dev.strongroom.proto.v1.Policies;
import dev.strongroom.proto.v1.PolicyRevision;
import dev.strongroom.proto.v1.Standing;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.ChipPolicy;
import dev.strongroom.testkit.SoftwareChip;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A node that would be believed: a sealed model, policies, a lease, a log and a software chip, all
 * real. A test changes one thing and expects a refusal.
 */
final class TestNode {
    static final ModelName MODEL = ModelName.parse("acme/tiny");
    static final byte[] MEASUREMENT = new byte[48];
    static final String RELEASE_ID = "0".repeat(31) + "1";
    static final String OUTPUT_ID = "0".repeat(31) + "2";

    /** One for all that need no chip of their own: its RSA roots take a while to make. */
    private static final SoftwareChip CHIP =
            SoftwareChip.create(new SecureRandom(), InstantSource.system());

    private final SecureRandom random = new SecureRandom();
    final SoftwareChip chip;
    final TestVault vault;
    final OwnerKey owner;
    final Profile consumer;
    final KeyPair tls = P256.newKeyPair(random);
    final byte[] peerSpki = tls.getPublic().getEncoded();
    final byte[] kemSpki = new byte[32];
    final byte[] bootId = new byte[Transcript.BOOT_ID_BYTES];
    final VerifiedManifest manifest;

    /** What a test may change. */
    PolicyDocument release = policy(Kind.RELEASE, RELEASE_ID, releaseBody(MEASUREMENT));

    final List<PolicyDocument> releaseBefore = new ArrayList<>();

    PolicyDocument output = policy(Kind.OUTPUT, OUTPUT_ID, OutputPolicy.standard().canonical());
    Role role = Role.SERVE;
    ChipConfig config;

    /** Whom the node was launched for. */
    NodeOwners owners;

    byte[] leaseTlsSpki = peerSpki;
    byte[] shownTlsSpki = peerSpki;
    Duration leaseLeft = Duration.ofHours(1);
    String leafType = AuditRecord.KEY_RELEASED;

    /** Whether all answers are under one lease, so that the log does not grow. */
    boolean oneLease;

    private @Nullable Lease given;

    /** How much later the log says that the lease was given. */
    Duration leafLate = Duration.ZERO;

    /** Fields of the log's leaf that say something else. */
    final Map<String, String> leafFields = new TreeMap<>();

    TestNode(Path folder) throws Exception {
        this(folder, CHIP);
    }

    TestNode(Path folder, SoftwareChip chip) throws Exception {
        this.chip = chip;
        this.vault = new TestVault(chip.anchors());
        var ownerProfile = new Profile(folder.resolve("owner"));
        owner = OwnerKey.create(ownerProfile, random);
        consumer = new Profile(folder.resolve("consumer"));
        consumer.write("owner.txt", owner.keyId().hex());
        config = ChipConfig.launch(MEASUREMENT, owner.keyId().bytes());
        owners = NodeOwners.alone(owner.keyId());
        manifest = seal(folder, ownerProfile, owner, vault);
    }

    /** A version of its own, each time. */
    static VerifiedManifest seal(Path folder, Profile profile, OwnerKey owner, TestVault vault)
            throws Exception {
        var random = new SecureRandom();
        Path graph = Files.write(folder.resolve("model.onnx"), new byte[100]);
        var source =
                new ModelSource(folder, new ModelSource.Part("model.onnx", graph, 100), List.of());
        VersionId id = VersionId.random(random);
        try (Spool spool = Spool.open(profile.spoolFolder(), MODEL, Digest.sha256(id.bytes()))) {
            return new ModelSealer(owner, random, InstantSource.system())
                    .seal(
                            new Draft(source, Preparation.NONE, id, List.of()),
                            PushRequest.of(MODEL, graph),
                            new ModelSealer.Demands(
                                    new PolicyDemand(RELEASE_ID, 1),
                                    new PolicyDemand(OUTPUT_ID, 1)),
                            vault.importCertificate(MODEL.tenant()),
                            spool,
                            Progress.SILENT)
                    .manifest();
        }
    }

    NodeTarget target() {
        return new NodeTarget(
                consumer,
                "localhost:1",
                Optional.empty(),
                vault.pin(),
                MODEL,
                VersionDemand.ANY,
                Optional.empty());
    }

    /** What the node answers to this nonce without a channel. */
    GetEvidenceResponse.Builder answer(byte[] nonce) throws Exception {
        return answerOver(ServingNonce.onPeerKey(nonce));
    }

    /** What the node answers to this nonce on the channel with this exporter. */
    GetEvidenceResponse.Builder answer(byte[] nonce, byte[] exporter) throws Exception {
        return answerOver(ServingNonce.onChannel(nonce, exporter));
    }

    private GetEvidenceResponse.Builder answerOver(byte[] nonce) throws Exception {
        var batch = new NonceBatch(List.of(new byte[32], nonce));
        return answer(_ -> batch.root())
                .setBatch(
                        dev.strongroom.proto.v1.NonceBatch.newBuilder()
                                .setRoot(ByteString.copyFrom(batch.root()))
                                .setIndex(1)
                                .setSize(2)
                                .addPath(ByteString.copyFrom(batch.proof(1).getFirst().bytes())));
    }

    /** What the node puts into its certificate. */
    GetEvidenceResponse.Builder afterLease() throws Exception {
        return answer(ServingNonce::afterLease);
    }

    /**
     * @param nonceAfter gives what the evidence speaks for from the signed lease
     */
    private GetEvidenceResponse.Builder answer(UnaryOperator<byte[]> nonceAfter) throws Exception {
        List<PolicyReference> policies = List.of(reference(release), reference(output));
        Lease before = given;
        boolean again = oneLease && before != null;
        Lease lease = again ? Objects.requireNonNull(before) : lease(policies, vault.size());
        given = lease;
        byte[] envelope = lease.sign(vault.signer()).encode();
        byte[] nonce = nonceAfter.apply(envelope);
        var transcript =
                new Transcript(
                        role,
                        nonce,
                        role == Role.RELEASE ? kemSpki : new byte[0],
                        peerSpki,
                        vault.identity().signingKeyId(),
                        owners,
                        MODEL.tenant().value(),
                        manifest.digest(),
                        policies,
                        Posture.BASE,
                        bootId);
        Evidence evidence =
                chip.vcek(launched()).sign(chip.report(launched(), transcript.reportData()));
        long leaf =
                again
                        ? lease.auditLeaf()
                        : vault.append(
                                TestVault.record(
                                        leafType,
                                        lease.issuedAt().plus(leafLate),
                                        leafFields(lease)));
        return GetEvidenceResponse.newBuilder()
                .setEvidence(ByteString.copyFrom(evidence.encode()))
                .setTlsSpki(ByteString.copyFrom(shownTlsSpki))
                .setBootId(ByteString.copyFrom(bootId))
                .setPosture(Posture.BASE.level())
                .addAllCoOwners(
                        owners.others().stream()
                                .map(id -> ByteString.copyFrom(id.bytes()))
                                .toList())
                .setManifest(ByteString.copyFrom(manifest.manifest().encode()))
                .setVersion(1)
                .setPolicies(
                        Policies.newBuilder()
                                .setRelease(signed(release))
                                .addAllReleaseBefore(before())
                                .setOutput(signed(output)))
                .setLease(ByteString.copyFrom(envelope))
                .setReleaseProof(vault.proof(leaf))
                .setVaultIdentity(ByteString.copyFrom(vault.identityEnvelope()))
                .setTee("simulated")
                .setStanding(standing());
    }

    /** With the host data of its owners, unless a test has set other. */
    private ChipConfig launched() {
        return owners.others().isEmpty() ? config : config.withHostData(owners.hostData().bytes());
    }

    Standing standing() throws Exception {
        return standing(vault.identityEnvelope(), vault.signer());
    }

    /** The last word of a stream under an identity of the vault's. */
    Standing standing(byte[] identity, StatementSigner signer) throws Exception {
        return Standing.newBuilder()
                .setNotice(ByteString.copyFrom(lastWord(signer)))
                .setVaultIdentity(ByteString.copyFrom(identity))
                .build();
    }

    /** What the vault said last on the node's stream. */
    Notice.Message word = new Notice.Tick();

    Duration wordAge = Duration.ZERO;
    byte[] wordBootId = bootId;

    private byte[] lastWord(StatementSigner signer) throws Exception {
        return new Notice(
                        wordBootId,
                        new byte[Notice.STREAM_BYTES],
                        1,
                        Instant.now().minus(wordAge),
                        word)
                .sign(signer)
                .encode();
    }

    private SortedMap<String, String> leafFields(Lease lease) {
        HexFormat hex = HexFormat.of();
        var fields = new TreeMap<String, String>();
        fields.put("model", MODEL.toString());
        fields.put("version-id", manifest.content().versionId().hex());
        fields.put("number", "1");
        fields.put("manifest", manifest.digest().hex());
        fields.put("owner", owner.keyId().hex());
        fields.put("co-owners", owners.othersText());
        fields.put("nonce", hex.formatHex(lease.nonce()));
        fields.put("boot-id", hex.formatHex(bootId));
        fields.put("kem-key", lease.kemKeyDigest().hex());
        fields.put("lease-seq", "1");
        fields.put("tls-key", lease.tlsKeyDigest().hex());
        fields.put("release-policy", lease.policies().get(0).digest().hex());
        fields.put("output-policy", lease.policies().get(1).digest().hex());
        fields.put("tee", "simulated");
        fields.put("attestation-root", chip.anchors().fingerprint().hex());
        fields.put("trust-level", "SOFT_TOKEN");
        fields.put("kek", "1");
        fields.put("posture", "BASE");
        fields.put("not-after", Long.toString(lease.notAfter().toEpochMilli()));
        fields.put("max-inferences", "1000");
        fields.putAll(leafFields);
        return fields;
    }

    Lease lease(List<PolicyReference> policies, long leaf) {
        return new Lease(
                new byte[Transcript.NONCE_BYTES],
                new byte[32],
                bootId,
                1,
                MODEL,
                manifest.content().versionId(),
                1,
                manifest.digest(),
                policies,
                TrustLevel.SOFT_TOKEN,
                1,
                chip.anchors().tee(),
                chip.anchors().fingerprint(),
                Digest.sha256(kemSpki),
                Digest.sha256(leaseTlsSpki),
                Posture.BASE,
                Instant.now(),
                Instant.now().plus(leaseLeft),
                1000,
                leaf,
                leaf);
    }

    static PolicyDocument policy(Kind kind, String id, String body) {
        return new PolicyDocument(
                kind,
                MODEL,
                id,
                1,
                Optional.empty(),
                Instant.now().plus(Duration.ofDays(1)),
                body.getBytes(StandardCharsets.UTF_8));
    }

    static String releaseBody(byte[] measurement) {
        return ChipPolicy.json(measurement);
    }

    private List<PolicyRevision> before() throws Exception {
        var before = new ArrayList<PolicyRevision>();
        for (PolicyDocument document : releaseBefore) {
            before.add(PolicyRevision.newBuilder().setEnvelope(signed(document)).build());
        }
        return before;
    }

    /** Puts another revision in force after the present one. */
    void follow(String body) throws Exception {
        releaseBefore.add(release);
        release =
                new PolicyDocument(
                        Kind.RELEASE,
                        MODEL,
                        RELEASE_ID,
                        release.seq() + 1,
                        Optional.of(reference(release).digest()),
                        Instant.now().plus(Duration.ofDays(1)),
                        body.getBytes(StandardCharsets.UTF_8));
    }

    PolicyReference reference(PolicyDocument document) throws Exception {
        VerifiedPolicy verified =
                PolicyDocument.verify(document.sign(owner), owner.keyId(), owner.spki());
        return verified.reference();
    }

    ByteString signed(PolicyDocument document) throws Exception {
        return ByteString.copyFrom(document.sign(owner).encode());
    }
}
