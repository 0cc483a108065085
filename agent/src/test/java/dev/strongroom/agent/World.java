package dev.strongroom.agent;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.guest.GuestException;
import dev.strongroom.config.ServiceException;
import dev.strongroom.crypto.Version;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.Identity;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.PartRevocation;
import dev.strongroom.crypto.format.PartStatement;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.SealStatement;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.open.ReleaseKey;
import dev.strongroom.crypto.peer.PinnedPeer;
import dev.strongroom.crypto.seal.VersionSecrets;
import dev.strongroom.proto.v1.AddPartRequest;
import dev.strongroom.proto.v1.DescribeAgentRequest;
import dev.strongroom.proto.v1.GetPartChallengeRequest;
import dev.strongroom.proto.v1.OwnerAgentGrpc;
import dev.strongroom.proto.v1.Policies;
import dev.strongroom.proto.v1.PolicyRevision;
import dev.strongroom.proto.v1.ReleasePartRequest;
import dev.strongroom.proto.v1.RevokePartRequest;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.ChipPolicy;
import dev.strongroom.testkit.SoftwareChip;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An agent with its owner, one split version, and a node on a software chip; over real TLS. */
final class World implements AutoCloseable {
    static final byte[] MEASUREMENT = new byte[48];
    static final ReleaseKey KEM = ReleaseKey.generate(); // public half only: takes a second to make
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final SoftwareChip CHIP = SoftwareChip.create(RANDOM, InstantSource.system());
    private static final KeyPair NODE_TLS = Version.p256();

    private static final KeyPair OWNER = Version.p256();
    private static final Digest OWNER_ID = P256.keyId(OWNER.getPublic().getEncoded());

    /** A new agent's files: making its keys takes a second, and each test starts one. */
    private static final Map<String, byte[]> BORN = born();

    final KeyPair owner = OWNER;
    final Digest ownerId = OWNER_ID;

    /** Owners that the node says it was launched for beside this one. */
    Set<Digest> coOwners = Set.of();

    /** Owners that the release policy names beside this one. */
    Set<Digest> named = Set.of();

    final Path folder;
    final Digest id;
    private final AgentConfig config;
    private Agent agent;
    private ManagedChannel channel;

    private World(Path folder) throws Exception {
        this.folder = folder;
        this.config = config(folder);
        Files.createDirectory(
                config.dataDir(),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        for (var file : BORN.entrySet()) {
            Path copy = Files.write(folder.resolve(file.getKey()), file.getValue());
            Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-------"));
        }
        this.agent = start();
        this.id = agent.id();
        this.channel = connect();
    }

    private static AgentConfig config(Path folder) {
        return new AgentConfig(
                folder.resolve("agent"),
                OWNER_ID,
                KeyPassword.inFile(folder.resolve("password")),
                "127.0.0.1",
                0);
    }

    private static Map<String, byte[]> born() {
        try {
            Path folder = Files.createTempDirectory("agent");
            Agent.init(config(folder), CHIP.anchors(), InstantSource.system(), RANDOM);
            var files = new HashMap<String, byte[]>();
            for (String name : List.of("password", "agent/keys.p12", "agent/decisions.log")) {
                files.put(name, Files.readAllBytes(folder.resolve(name)));
                Files.delete(folder.resolve(name));
            }
            Files.delete(folder.resolve("agent/lock"));
            Files.delete(folder.resolve("agent"));
            Files.delete(folder);
            return files;
        } catch (ServiceException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static World in(Path folder) throws Exception {
        return new World(folder);
    }

    AgentConfig config() {
        return config;
    }

    Agent start() throws Exception {
        return Agent.start(config, CHIP.anchors(), InstantSource.system(), RANDOM);
    }

    /** The process ends and another one takes its place. */
    void restart() throws Exception {
        close();
        agent = start();
        channel = connect();
    }

    private ManagedChannel connect() throws IOException {
        return connect(id);
    }

    /** A connection that is held to a key. */
    ManagedChannel connect(Digest pin) throws IOException {
        var tls =
                GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                        .protocols("TLSv1.3")
                        .trustManager(new PinnedPeer(pin))
                        .build();
        return NettyChannelBuilder.forTarget("dns:///" + agent.address()).sslContext(tls).build();
    }

    OwnerAgentGrpc.OwnerAgentBlockingStub stub() {
        return OwnerAgentGrpc.newBlockingStub(channel);
    }

    @Override
    public void close() throws IOException {
        channel.shutdownNow();
        agent.close();
    }

    // The owner

    /** A split version and its part, encrypted to the agent. */
    record Pushed(VerifiedManifest manifest, byte[] t, byte[] sealedPart, byte[] sealedFile) {
        byte[] encoded() {
            return manifest.manifest().encode();
        }
    }

    Pushed seal() throws Exception {
        return seal(owner, id);
    }

    Pushed seal(KeyPair by, Digest forAgent) throws Exception {
        return seal(by, forAgent, KEM.spki());
    }

    /**
     * @param vaultKem what T is wrapped to: here the vault is left out
     */
    Pushed seal(KeyPair by, Digest forAgent, byte[] vaultKem) throws Exception {
        Identity identity = Version.splitIdentity(by, OaepHash.SHA256);
        byte[] partKey =
                stub().describeAgent(DescribeAgentRequest.getDefaultInstance())
                        .getPartKeySpki()
                        .toByteArray();
        try (var secrets = VersionSecrets.split(RANDOM, identity)) {
            var version =
                    Version.seal(
                            by,
                            identity,
                            vaultKem,
                            Map.of("model.onnx", "weights".getBytes(StandardCharsets.UTF_8)),
                            secrets);
            return new Pushed(
                    naming(version.verified(), by, forAgent),
                    version.wrappedToImportKey(),
                    secrets.wrapSecondPart(partKey),
                    version.sealed().getFirst());
        }
    }

    /** The same version with another agent in its content statement. */
    private static VerifiedManifest naming(VerifiedManifest manifest, KeyPair by, Digest agent)
            throws SignatureException, SealedFormatException {
        ContentStatement old = manifest.content();
        var content =
                new ContentStatement(
                        old.suite(),
                        old.ownerId(),
                        old.model(),
                        old.versionId(),
                        old.createdAt(),
                        old.preparation(),
                        old.graphFile(),
                        old.files(),
                        old.releasePolicy(),
                        old.outputPolicy(),
                        old.licence(),
                        old.provenance(),
                        old.resealBy(),
                        Optional.of(agent));
        var seal =
                SealStatement.first(
                        Digest.sha256(content.encode()),
                        manifest.seal().importCiphertextDigest(),
                        manifest.seal().ikmEnvelope(),
                        manifest.seal().commitment(),
                        manifest.seal().files());
        StatementSigner signer = P256.signer(by);
        return new Manifest(by.getPublic().getEncoded(), content.sign(signer), seal.sign(signer))
                .verify(old.ownerId());
    }

    AddPartRequest part(Pushed pushed) throws SignatureException {
        return part(pushed, owner);
    }

    AddPartRequest part(Pushed pushed, KeyPair by) throws SignatureException {
        ContentStatement content = pushed.manifest().content();
        var statement =
                new PartStatement(
                        id,
                        P256.keyId(by.getPublic().getEncoded()),
                        content.model(),
                        content.versionId(),
                        Digest.sha256(content.encode()),
                        pushed.sealedPart());
        return AddPartRequest.newBuilder()
                .setStatement(bytes(statement.sign(P256.signer(by)).encode()))
                .setOwnerSpki(bytes(by.getPublic().getEncoded()))
                .build();
    }

    /** Seals a version and hands its part over. */
    Pushed push() throws Exception {
        Pushed pushed = seal();
        stub().addPart(part(pushed));
        return pushed;
    }

    RevokePartRequest revocation(PartRevocation.Kind kind, String subject, KeyPair by)
            throws SignatureException {
        var revocation =
                new PartRevocation(
                        id,
                        P256.keyId(by.getPublic().getEncoded()),
                        kind,
                        subject,
                        "a test",
                        Instant.now());
        return RevokePartRequest.newBuilder()
                .setStatement(bytes(revocation.sign(P256.signer(by)).encode()))
                .setOwnerSpki(bytes(by.getPublic().getEncoded()))
                .build();
    }

    // Policies

    /** A revision of each kind, the release policy's with its past. */
    record PolicySet(Policies message, List<PolicyReference> references) {}

    PolicySet policies() throws Exception {
        return policies(owner, 1);
    }

    /** Release policies 1 to {@code revisions}; each but in its number and date the same. */
    PolicySet policies(KeyPair by, int revisions) throws Exception {
        var documents = new ArrayList<PolicyDocument>();
        Optional<Digest> previous = Optional.empty();
        for (int seq = 1; seq <= revisions; seq++) {
            var document =
                    document(
                            PolicyReference.Kind.RELEASE,
                            Version.RELEASE_POLICY.id(),
                            seq,
                            previous,
                            releaseBody());
            documents.add(document);
            previous = Optional.of(Digest.sha256(document.encode()));
        }
        var output =
                document(
                        PolicyReference.Kind.OUTPUT,
                        Version.OUTPUT_POLICY.id(),
                        1,
                        Optional.empty(),
                        "{}");
        StatementSigner signer = P256.signer(by);
        var message =
                Policies.newBuilder()
                        .setRelease(bytes(documents.getLast().sign(signer).encode()))
                        .setOutput(bytes(output.sign(signer).encode()));
        for (PolicyDocument before : documents.subList(0, documents.size() - 1)) {
            message.addReleaseBefore(
                    PolicyRevision.newBuilder().setEnvelope(bytes(before.sign(signer).encode())));
        }
        byte[] spki = by.getPublic().getEncoded();
        Digest signerId = P256.keyId(spki);
        return new PolicySet(
                message.build(),
                List.of(
                        PolicyDocument.verify(documents.getLast().sign(signer), signerId, spki)
                                .reference(),
                        PolicyDocument.verify(output.sign(signer), signerId, spki).reference()));
    }

    private String releaseBody() {
        String alone = ChipPolicy.json(MEASUREMENT);
        return named.isEmpty()
                ? alone
                : alone.replaceAll(
                        "}$",
                        ",\"coOwners\":[\""
                                + String.join("\",\"", named.stream().map(Digest::hex).toList())
                                + "\"]}");
    }

    private static PolicyDocument document(
            PolicyReference.Kind kind,
            String id,
            long seq,
            Optional<Digest> previous,
            String body) {
        return new PolicyDocument(
                kind,
                Version.splitIdentity(Version.p256(), OaepHash.SHA256).model(),
                id,
                seq,
                previous,
                Instant.parse("2099-01-01T00:00:00Z"),
                body.getBytes(StandardCharsets.UTF_8));
    }

    // The node

    ChipConfig guest() {
        return ChipConfig.launch(
                MEASUREMENT, NodeOwners.among(ownerId, coOwners).hostData().bytes());
    }

    byte[] nonce() {
        return stub().getPartChallenge(GetPartChallengeRequest.getDefaultInstance())
                .getNonce()
                .toByteArray();
    }

    Transcript transcript(Role role, byte[] nonce, Pushed pushed, PolicySet policies) {
        return transcript(role, nonce, pushed, policies, KEM.spki());
    }

    private Transcript transcript(
            Role role, byte[] nonce, Pushed pushed, PolicySet policies, byte[] kem) {
        boolean released = role == Role.PART || role == Role.RELEASE;
        return new Transcript(
                role,
                nonce,
                released ? kem : new byte[0],
                NODE_TLS.getPublic().getEncoded(),
                id,
                NodeOwners.among(ownerId, coOwners),
                pushed.manifest().content().model().tenant().value(),
                pushed.manifest().digest(),
                policies.references(),
                Posture.BASE,
                new byte[Transcript.BOOT_ID_BYTES]);
    }

    static Evidence evidence(ChipConfig guest, Transcript transcript) throws GuestException {
        return CHIP.guest(guest).evidence(transcript.reportData());
    }

    static SoftwareChip chip() {
        return CHIP;
    }

    ReleasePartRequest request(Pushed pushed) throws Exception {
        return request(pushed, policies(), guest(), Role.PART);
    }

    ReleasePartRequest request(Pushed pushed, PolicySet policies, ChipConfig guest, Role role)
            throws Exception {
        return request(pushed, policies, guest, role, KEM.spki());
    }

    ReleasePartRequest request(
            Pushed pushed, PolicySet policies, ChipConfig guest, Role role, byte[] kem)
            throws Exception {
        Transcript asked = transcript(role, nonce(), pushed, policies, kem);
        return ReleasePartRequest.newBuilder()
                .setNonce(bytes(asked.nonce()))
                .setManifest(bytes(pushed.encoded()))
                .setPolicies(policies.message())
                .setEvidence(bytes(evidence(guest, asked).encode()))
                .setKemSpki(bytes(kem))
                .setTlsSpki(bytes(asked.tlsSpki()))
                .setBootId(bytes(asked.bootId()))
                .setPosture(Posture.BASE.level())
                .addAllCoOwners(
                        asked.owners().others().stream().map(id -> bytes(id.bytes())).toList())
                .build();
    }

    static ByteString bytes(byte[] bytes) {
        return ByteString.copyFrom(bytes);
    }

    // The log

    List<AuditRecord> log() throws Exception {
        var records = new ArrayList<AuditRecord>();
        DecisionLog.read(AgentFolder.log(config.dataDir()), (_, record) -> records.add(record));
        return records;
    }

    /** The rule of the last decision. */
    String lastRule() throws Exception {
        AuditRecord last = log().getLast();
        return String.valueOf(last.fields().get("rule"));
    }

    byte[] logBytes() throws IOException {
        return Files.readAllBytes(AgentFolder.log(config.dataDir()));
    }
}
