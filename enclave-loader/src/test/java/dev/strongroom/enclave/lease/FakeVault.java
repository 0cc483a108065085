package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.TrustVector;
import dev.strongroom.crypto.format.AttestationResult;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.FileEntry;
import dev.strongroom.crypto.format.Identity;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.PolicyDemand;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.Preparation;
import dev.strongroom.crypto.format.ResultToken;
import dev.strongroom.crypto.format.SealStatement;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.Suite;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.peer.VaultAuthorities;
import dev.strongroom.crypto.seal.SealedFile;
import dev.strongroom.crypto.seal.Sealer;
import dev.strongroom.crypto.seal.VersionSecrets;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.MerkleTree;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.proto.v1.FetchObjectResponse;
import dev.strongroom.proto.v1.GetChallengeResponse;
import dev.strongroom.proto.v1.GetVersionResponse;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.ListAliasesResponse;
import dev.strongroom.proto.v1.Policies;
import dev.strongroom.proto.v1.PolicyRevision;
import dev.strongroom.proto.v1.RenewLeaseResponse;
import dev.strongroom.proto.v1.ReportZeroisationRequest;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import dev.strongroom.proto.v1.WatchLeaseRequest;
import dev.strongroom.proto.v1.WatchLeaseResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.crypto.Cipher;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A vault without a token or a judgement: answers every node, with whatever a test makes of the
 * answer. Keys, statements, log and ciphertext are real.
 */
final class FakeVault implements AutoCloseable {
    static final ModelName MODEL = ModelName.parse("acme/net");
    static final String RELEASE_ID = "a".repeat(32);
    static final String OUTPUT_ID = "b".repeat(32);
    static final String RULES =
            "{\"version\":1,\"minPosture\":\"base\",\"require\":"
                    + "{\"claim\":\"snp.measurement\",\"op\":\"eq\",\"value\":\"ab\"}}";
    static final String OUTPUT_RULES = OutputPolicy.standard().canonical();
    static final long MAX_INFERENCES = OutputPolicy.standard().caps().inferencesPerLease();
    static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    final SecureRandom random = new SecureRandom();
    final KeyPair owner = TestKeys.p256();
    final KeyPair ceremony = TestKeys.p256();
    final KeyPair signing = TestKeys.p256();
    final KeyPair authority = TestKeys.p256();
    final TrustAnchors anchors;
    final X509Certificate ca;
    final VaultIdentity identity;
    final List<byte[]> sealed = new ArrayList<>();
    Manifest manifest;
    final VersionSecrets secrets;
    MerkleTree log = new MerkleTree();
    Dsse release;
    Dsse output;
    UnaryOperator<Lease> onLease = UnaryOperator.identity();
    UnaryOperator<AuditRecord> onRecord = UnaryOperator.identity();
    UnaryOperator<RequestLeaseResponse.Builder> onAnswer = UnaryOperator.identity();
    UnaryOperator<GetVersionResponse.Builder> onVersion = UnaryOperator.identity();
    UnaryOperator<GetChallengeResponse.Builder> onChallenge = UnaryOperator.identity();
    ListAliasesResponse aliases = ListAliasesResponse.getDefaultInstance();
    Optional<Status> refusal = Optional.empty();
    int fetches;
    long fetchLimit = Long.MAX_VALUE;
    Duration leaseTime = Duration.ofHours(1);

    /** How fetched bytes are sent; by itself all at once. */
    Sending onFetch = FakeModels::sendAll;

    /** Sends a file from where the request says. */
    @FunctionalInterface
    interface Sending {
        void send(
                FakeVault vault, long offset, byte[] file, StreamObserver<FetchObjectResponse> to);
    }

    /** What a node that seals anew sends. */
    final List<ByteArrayOutputStream> resealed = new ArrayList<>();

    final KeyPair importKey = TestKeys.rsa();
    Optional<Manifest> begun = Optional.empty();
    byte[] importCiphertext = new byte[0];
    UnaryOperator<ImportCertificate> onImport = UnaryOperator.identity();
    KeyPair importSigner = ceremony;

    UnaryOperator<RenewLeaseResponse.Builder> onRenewal = UnaryOperator.identity();
    UnaryOperator<InclusionProof.Builder> onProof = UnaryOperator.identity();

    /** Streams that nodes opened, oldest first. */
    final LinkedBlockingQueue<Stream> streams = new LinkedBlockingQueue<>();

    /** One stream, on which a test says what it likes. */
    record Stream(WatchLeaseRequest request, StreamObserver<WatchLeaseResponse> observer) {}

    /** Sends a notice as the next of a stream, or as whatever a test makes of it. */
    void tell(Stream stream, long count, Notice.Message message, UnaryOperator<Notice> forgery)
            throws Exception {
        tell(stream, count, message, forgery, signing);
    }

    void tell(
            Stream stream,
            long count,
            Notice.Message message,
            UnaryOperator<Notice> forgery,
            KeyPair signer)
            throws Exception {
        var notice =
                new Notice(
                        stream.request().getBootId().toByteArray(),
                        stream.request().getStream().toByteArray(),
                        count,
                        NOW,
                        message);
        stream.observer()
                .onNext(
                        WatchLeaseResponse.newBuilder()
                                .setNotice(
                                        ByteString.copyFrom(
                                                forgery.apply(notice)
                                                        .sign(P256.signer(signer))
                                                        .encode()))
                                .setVaultIdentity(
                                        ByteString.copyFrom(
                                                identity.sign(P256.signer(ceremony)).encode()))
                                .build());
    }

    private Optional<Server> server = Optional.empty();
    private final List<String> resealBy;
    private Optional<byte[]> renewedKey = Optional.empty();

    FakeVault(TrustAnchors anchors, Map<String, byte[]> files) throws Exception {
        this(anchors, files, List.of());
    }

    FakeVault(TrustAnchors anchors, Map<String, byte[]> files, List<String> resealBy)
            throws Exception {
        this.anchors = anchors;
        this.resealBy = resealBy;
        this.ca = certificate("CN=ca", authority.getPublic(), NOW.plus(Duration.ofDays(100)), true);
        this.identity =
                VaultIdentity.first(
                        ceremony.getPublic().getEncoded(),
                        signing.getPublic().getEncoded(),
                        ca.getEncoded(),
                        "fake",
                        TrustLevel.SOFTWARE,
                        anchors.tee(),
                        anchors.fingerprint(),
                        "test.log");
        this.secrets = VersionSecrets.generate(random);
        this.manifest = seal(files);
        this.release = policy(PolicyReference.Kind.RELEASE, RELEASE_ID, 3);
        this.output = policy(PolicyReference.Kind.OUTPUT, OUTPUT_ID, 1);
        record("vault.started", Map.of());
    }

    Digest ownerId() {
        return P256.keyId(owner.getPublic().getEncoded());
    }

    Digest pin() {
        return P256.keyId(ceremony.getPublic().getEncoded());
    }

    /** A link without TLS; the address is only what it claims. */
    VaultLink link() throws IOException, GeneralSecurityException {
        String name = UUID.randomUUID().toString();
        server =
                Optional.of(
                        InProcessServerBuilder.forName(name)
                                .addService(new FakeModels(this))
                                .addService(new FakeRelease(this))
                                .addService(new FakeKeys(this))
                                .build()
                                .start());
        var address =
                new VaultAddress(
                        "in-process:1", List.of(ca), List.of(ca), authority.getPrivate(), pin());
        return new VaultLink(
                address,
                new VaultAuthorities(address.authorities()),
                InProcessChannelBuilder.forName(name).build());
    }

    /** Ends all calls. {@link #link} starts it again. */
    void die() {
        server.ifPresent(Server::shutdownNow);
    }

    @Override
    public void close() {
        die();
        secrets.close();
    }

    Dsse policy(PolicyReference.Kind kind, String id, long seq) throws SignatureException {
        return policy(kind, id, seq, MODEL, NOW.plus(Duration.ofDays(30)), rules(kind));
    }

    private static String rules(PolicyReference.Kind kind) {
        return kind == PolicyReference.Kind.RELEASE ? RULES : OUTPUT_RULES;
    }

    Dsse policy(
            PolicyReference.Kind kind,
            String id,
            long seq,
            ModelName scope,
            Instant notAfter,
            String body)
            throws SignatureException {
        Optional<Digest> previous =
                seq == 1
                        ? Optional.empty()
                        : Optional.of(
                                Digest.sha256(
                                        policy(kind, id, seq - 1, scope, notAfter, body)
                                                .payload()));
        return new PolicyDocument(
                        kind,
                        scope,
                        id,
                        seq,
                        previous,
                        notAfter,
                        body.getBytes(StandardCharsets.UTF_8))
                .sign(P256.signer(owner));
    }

    GetVersionResponse version() {
        return onVersion
                .apply(
                        GetVersionResponse.newBuilder()
                                .setManifest(ByteString.copyFrom(manifest.encode()))
                                .setNumber(7)
                                .setPolicies(
                                        Policies.newBuilder()
                                                .setRelease(ByteString.copyFrom(release.encode()))
                                                .addAllReleaseBefore(before())
                                                .setOutput(ByteString.copyFrom(output.encode()))))
                .build();
    }

    /** What the release policy follows. */
    private List<PolicyRevision> before() {
        try {
            var last = PolicyDocument.decode(release.payload());
            var before = new ArrayList<PolicyRevision>();
            for (long seq = 1; seq < last.seq(); seq++) {
                Dsse revision =
                        policy(
                                last.kind(),
                                last.id(),
                                seq,
                                last.scope(),
                                last.notAfter(),
                                new String(last.body(), StandardCharsets.UTF_8));
                before.add(
                        PolicyRevision.newBuilder()
                                .setEnvelope(ByteString.copyFrom(revision.encode()))
                                .build());
            }
            return before;
        } catch (SealedFormatException | SignatureException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Appends and returns the index. */
    long record(String type, Map<String, String> fields) {
        var record = onRecord.apply(new AuditRecord(type, NOW, "node", new TreeMap<>(fields)));
        lastLeaf = record.encode();
        return log.append(MerkleTree.leafHash(lastLeaf));
    }

    private byte[] lastLeaf = new byte[0];

    /** Of the leaf that was appended last. */
    InclusionProof.Builder proof(long leaf) throws SignatureException {
        var proof =
                InclusionProof.newBuilder()
                        .setLeafIndex(leaf)
                        .setLeaf(ByteString.copyFrom(lastLeaf))
                        .setCheckpoint(checkpoint().note());
        log.inclusion(leaf, log.size())
                .forEach(hash -> proof.addPath(ByteString.copyFrom(hash.bytes())));
        return proof;
    }

    SignedCheckpoint checkpoint() throws SignatureException {
        return onCheckpoint.apply(
                SignedCheckpoint.sign(
                        new Checkpoint(identity.logOrigin(), log.size(), log.root()),
                        P256.signer(signing)));
    }

    UnaryOperator<SignedCheckpoint> onCheckpoint = UnaryOperator.identity();

    byte[] nodeNonce = new byte[32];
    Optional<Lease> last = Optional.empty();

    /** What a vault says that releases the key to whoever has this transcript. */
    RequestLeaseResponse answer(Transcript asked, long lastSize) throws Exception {
        return answer(asked, lastSize, Optional.empty());
    }

    /**
     * @param before the lease that is renewed
     */
    RequestLeaseResponse answer(Transcript asked, long lastSize, Optional<Lease> before)
            throws Exception {
        HexFormat hex = HexFormat.of();
        Digest kemKey =
                before.map(Lease::kemKeyDigest).orElseGet(() -> Digest.sha256(asked.kemSpki()));
        Map<String, String> fields = new TreeMap<>();
        fields.put("model", MODEL.toString());
        fields.put("version-id", versionId().hex());
        fields.put("number", "7");
        fields.put("manifest", manifest.digest().hex());
        fields.put("owner", ownerId().hex());
        fields.put("co-owners", asked.owners().othersText());
        fields.put("nonce", hex.formatHex(asked.nonce()));
        long seq = before.map(Lease::seq).orElse(0L) + 1;
        fields.put("lease-seq", Long.toString(seq));
        before.ifPresent(held -> fields.put("release", Long.toString(held.releaseLeaf())));
        fields.put("boot-id", hex.formatHex(asked.bootId()));
        fields.put("kem-key", kemKey.hex());
        fields.put("tls-key", Digest.sha256(asked.tlsSpki()).hex());
        fields.put("release-policy", asked.policies().get(0).digest().hex());
        fields.put("output-policy", asked.policies().get(1).digest().hex());
        fields.put("tee", Tee.SIMULATED.label());
        fields.put("attestation-root", anchors.fingerprint().hex());
        fields.put("trust-level", "SOFTWARE");
        fields.put("kek", "1");
        fields.put("posture", asked.posture().name());
        fields.put("not-after", Long.toString(NOW.plus(leaseTime).toEpochMilli()));
        fields.put("max-inferences", "1000");
        long leaf =
                record(
                        before.isPresent() ? AuditRecord.LEASE_RENEWED : AuditRecord.KEY_RELEASED,
                        fields);
        var lease =
                new Lease(
                        asked.nonce(),
                        nodeNonce,
                        asked.bootId(),
                        seq,
                        MODEL,
                        versionId(),
                        7,
                        manifest.digest(),
                        asked.policies(),
                        TrustLevel.SOFTWARE,
                        1,
                        Tee.SIMULATED,
                        anchors.fingerprint(),
                        kemKey,
                        Digest.sha256(asked.tlsSpki()),
                        asked.posture(),
                        NOW,
                        NOW.plus(leaseTime),
                        1000,
                        before.map(Lease::releaseLeaf).orElse(leaf),
                        leaf);
        var proof = proof(leaf);
        var tls =
                certificate(
                        "CN=node",
                        new TestKeys.PublicKeyOf(asked.tlsSpki()),
                        NOW.plus(leaseTime),
                        false);
        var answer =
                RequestLeaseResponse.newBuilder()
                        .setLease(
                                ByteString.copyFrom(
                                        onLease.apply(lease).sign(P256.signer(signing)).encode()))
                        .setProof(proof)
                        .setResultToken(onResult.apply(resultToken(lease, asked.owners())))
                        .addTlsChain(ByteString.copyFrom(tls.getEncoded()))
                        .addTlsChain(ByteString.copyFrom(ca.getEncoded()));
        if (lastSize > 0 && lastSize <= log.size()) {
            log.consistency(lastSize, log.size())
                    .forEach(hash -> answer.addConsistency(ByteString.copyFrom(hash.bytes())));
        }
        last = Optional.of(lease);
        return onAnswer.apply(answer).build();
    }

    /** How many reports the vault has no time for. */
    final AtomicInteger reportsRefused = new AtomicInteger();

    final List<ReportZeroisationRequest> reported = new CopyOnWriteArrayList<>();
    UnaryOperator<String> onResult = UnaryOperator.identity();

    /** What the vault says of a node that it gives this lease to. */
    String resultToken(Lease lease) throws Exception {
        return resultToken(lease, NodeOwners.alone(ownerId()));
    }

    private String resultToken(Lease lease, NodeOwners owners) throws Exception {
        var result =
                new AttestationResult(
                        identity.logOrigin(),
                        lease.issuedAt(),
                        lease.issuedAt().plus(Duration.ofMinutes(5)),
                        lease.nonce(),
                        new TrustVector(2, 3, 2),
                        lease.model(),
                        lease.versionNumber(),
                        lease.versionId(),
                        lease.manifestDigest(),
                        owners,
                        lease.policies().get(0).digest(),
                        lease.policies().get(1).digest(),
                        lease.tee(),
                        lease.rootFingerprint(),
                        lease.bootId(),
                        lease.tlsKeyDigest(),
                        Digest.sha256(),
                        lease.seq(),
                        lease.auditLeaf());
        return ResultToken.sign(
                result, identity.sign(P256.signer(ceremony)).encode(), P256.signer(signing));
    }

    VersionId versionId() throws SealedFormatException {
        return manifest.verify(ownerId(), verifier()).content().versionId();
    }

    /** Puts what a node sent in the place of the seal before. */
    void adopt() throws Exception {
        manifest = begun.orElseThrow();
        sealed.clear();
        resealed.forEach(file -> sealed.add(file.toByteArray()));
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
        oaep.init(Cipher.DECRYPT_MODE, importKey.getPrivate(), OaepHash.SHA256.parameters());
        renewedKey = Optional.of(oaep.doFinal(importCiphertext));
    }

    private byte[] wrapRenewed(byte[] key, byte[] kemSpki) {
        try {
            Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
            oaep.init(
                    Cipher.ENCRYPT_MODE,
                    KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(kemSpki)),
                    OaepHash.SHA256.parameters());
            return oaep.doFinal(key);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    byte[] wrapTo(byte[] kemSpki) throws SealedFormatException {
        if (renewedKey.isPresent()) {
            return wrapRenewed(renewedKey.get(), kemSpki);
        }
        return secrets.wrapTo(
                new ImportCertificate(
                        kemSpki,
                        MODEL.tenant(),
                        "fake",
                        TrustLevel.SOFTWARE,
                        OaepHash.SHA256,
                        NOW));
    }

    /** Issued by the vault's CA. */
    X509Certificate certificate(String name, PublicKey key, Instant notAfter, boolean isCa)
            throws GeneralSecurityException, IOException, OperatorException {
        var builder =
                new JcaX509v3CertificateBuilder(
                        new X500Name("CN=ca"),
                        new BigInteger(64, random),
                        Date.from(NOW.minus(Duration.ofDays(1))),
                        Date.from(notAfter),
                        new X500Name(name),
                        key);
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isCa));
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(authority.getPrivate());
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(builder.build(signer).getEncoded()));
    }

    private Manifest seal(Map<String, byte[]> files) throws Exception {
        var id =
                new Identity(
                        Suite.AES256_GCM_HKDF_1MB_OAEP_SHA256,
                        ownerId(),
                        MODEL,
                        VersionId.random(random));
        List<FileEntry> entries = new ArrayList<>();
        List<SealedEntry> sealedEntries = new ArrayList<>();
        for (var file : files.entrySet()) {
            var out = new ByteArrayOutputStream();
            SealedFile one =
                    new Sealer(random)
                            .seal(
                                    Channels.newChannel(new ByteArrayInputStream(file.getValue())),
                                    Channels.newChannel(out),
                                    secrets,
                                    id.file(file.getKey(), entries.size()));
            entries.add(one.contentEntry(file.getKey()));
            sealedEntries.add(one.entry());
            sealed.add(out.toByteArray());
        }
        var content =
                new ContentStatement(
                                id.suite(),
                                ownerId(),
                                MODEL,
                                id.versionId(),
                                NOW,
                                Preparation.NONE,
                                files.keySet().iterator().next(),
                                entries,
                                new PolicyDemand(RELEASE_ID, 2),
                                new PolicyDemand(OUTPUT_ID, 1),
                                "",
                                "",
                                resealBy)
                        .sign(P256.signer(owner));
        var seal =
                SealStatement.first(
                                Digest.sha256(content.payload()),
                                Digest.sha256(new byte[0]),
                                secrets.envelope(id),
                                secrets.commitment(id),
                                sealedEntries)
                        .sign(P256.signer(owner));
        return new Manifest(owner.getPublic().getEncoded(), content, seal);
    }

    EvidenceVerifier verifier() {
        return new EvidenceVerifier(anchors, InstantSource.fixed(NOW));
    }
}
