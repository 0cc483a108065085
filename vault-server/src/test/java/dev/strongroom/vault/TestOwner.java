package dev.strongroom.vault;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.FileEntry;
import dev.strongroom.crypto.format.Identity;
import dev.strongroom.crypto.format.ImportCertificate;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.PolicyDemand;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.Preparation;
import dev.strongroom.crypto.format.SealStatement;
import dev.strongroom.crypto.format.SealedEntry;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.crypto.format.Suite;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.seal.SealedFile;
import dev.strongroom.crypto.seal.Sealer;
import dev.strongroom.crypto.seal.VersionSecrets;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import dev.strongroom.proto.v1.AdminGrpc;
import dev.strongroom.proto.v1.BeginVersionRequest;
import dev.strongroom.proto.v1.CommitVersionRequest;
import dev.strongroom.proto.v1.CommitVersionResponse;
import dev.strongroom.proto.v1.GetImportCertificateRequest;
import dev.strongroom.proto.v1.GetKeyStatusRequest;
import dev.strongroom.proto.v1.GetKeyStatusResponse.Kek;
import dev.strongroom.proto.v1.GetRotationRequest;
import dev.strongroom.proto.v1.GetVaultIdentityRequest;
import dev.strongroom.proto.v1.KeysGrpc;
import dev.strongroom.proto.v1.ModelsGrpc;
import dev.strongroom.proto.v1.PauseRotationRequest;
import dev.strongroom.proto.v1.ResumeRotationRequest;
import dev.strongroom.proto.v1.RetireKekRequest;
import dev.strongroom.proto.v1.RotateKekRequest;
import dev.strongroom.proto.v1.Rotation;
import dev.strongroom.proto.v1.SetPolicyRequest;
import dev.strongroom.proto.v1.UploadObjectRequest;
import dev.strongroom.proto.v1.UploadObjectResponse;
import dev.strongroom.testkit.ChipPolicy;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** A model owner: root key, policies, sealed versions. Does by hand what the client does. */
final class TestOwner {
    static final byte[] MEASUREMENT = new byte[48];
    static final String RELEASE_ID = "11111111111111111111111111111111";
    static final String OUTPUT_ID = "22222222222222222222222222222222";
    static final SecureRandom RANDOM = new SecureRandom();

    final TestVault vault;
    final String tenant;
    final KeyPair root;
    final StatementSigner signer;
    final TestIdentity identity;

    /** Measurements that versions sealed from now on may be sealed anew by. */
    List<String> resealBy = List.of();

    TestOwner(TestVault vault, String tenant, KeyPair root) {
        this(vault, tenant, root, vault.issue(tenant, "owner"));
    }

    TestOwner(TestVault vault, String tenant, KeyPair root, TestIdentity identity) {
        this.vault = vault;
        this.tenant = tenant;
        this.root = root;
        this.signer = P256.signer(root);
        this.identity = identity;
    }

    /** The same owner with a new certificate. */
    TestOwner renewed() {
        return new TestOwner(vault, tenant, root);
    }

    Digest ownerId() {
        return Digest.sha256(root.getPublic().getEncoded());
    }

    ManagedChannel channel() {
        return vault.connected(identity);
    }

    ModelsGrpc.ModelsBlockingStub models() {
        return ModelsGrpc.newBlockingStub(channel());
    }

    ModelName model(String name) {
        return ModelName.parse(tenant + "/" + name);
    }

    // Keys.

    KeysGrpc.KeysBlockingStub keys() {
        return KeysGrpc.newBlockingStub(channel());
    }

    /** Starts a rotation, or goes on with one, and waits until it is not running any more. */
    Rotation rotate() {
        var _ = keys().rotateKek(RotateKekRequest.newBuilder().setTenant(tenant).build());
        return rotated();
    }

    /** Starts a rotation that takes some ten milliseconds a record. */
    void rotateSlowly() {
        var slowly = RotateKekRequest.newBuilder().setTenant(tenant).setSharePercent(1).build();
        var _ = keys().rotateKek(slowly);
    }

    PauseRotationRequest pausing() {
        return PauseRotationRequest.newBuilder().setTenant(tenant).build();
    }

    ResumeRotationRequest resuming(int share) {
        return ResumeRotationRequest.newBuilder().setTenant(tenant).setSharePercent(share).build();
    }

    RetireKekRequest retiring(int version) {
        return RetireKekRequest.newBuilder().setTenant(tenant).setVersion(version).build();
    }

    /** Waits until no rotation is running. */
    Rotation rotated() {
        Instant deadline = Instant.now().plusSeconds(60);
        while (Instant.now().isBefore(deadline)) {
            Rotation rotation =
                    keys().getRotation(
                                    GetRotationRequest.newBuilder()
                                            .setTenant(tenant)
                                            .setWaitMillis(10_000)
                                            .build())
                            .getRotation();
            if (!rotation.getState().equals("running")) {
                return rotation;
            }
        }
        throw new AssertionError("the rotation does not end");
    }

    List<Kek> keks() {
        return keys().getKeyStatus(GetKeyStatusRequest.newBuilder().setTenant(tenant).build())
                .getKeksList();
    }

    // Policies.

    static byte[] releaseBody() {
        return ChipPolicy.json(MEASUREMENT).getBytes(StandardCharsets.UTF_8);
    }

    static byte[] outputBody() {
        return OutputPolicy.standard().canonical().getBytes(StandardCharsets.UTF_8);
    }

    PolicyDocument policy(Kind kind, String model, long seq, Optional<Digest> previous) {
        return new PolicyDocument(
                kind,
                model(model),
                kind == Kind.RELEASE ? RELEASE_ID : OUTPUT_ID,
                seq,
                previous,
                vault.clock.instant().plus(Duration.ofDays(30)),
                kind == Kind.RELEASE ? releaseBody() : outputBody());
    }

    Dsse sign(PolicyDocument document) {
        try {
            return document.sign(signer);
        } catch (SignatureException e) {
            throw new IllegalStateException(e);
        }
    }

    Digest set(PolicyDocument document) {
        Dsse signed = sign(document);
        models().setPolicy(
                        SetPolicyRequest.newBuilder()
                                .setDocument(ByteString.copyFrom(signed.encode()))
                                .build());
        return Digest.sha256(signed.payload());
    }

    /** Sets the first revisions of both policies. */
    Policies setPolicies(String model) {
        return new Policies(
                set(policy(Kind.RELEASE, model, 1, Optional.empty())), setOutput(model));
    }

    Digest setOutput(String model) {
        return set(policy(Kind.OUTPUT, model, 1, Optional.empty()));
    }

    /** The same with witnesses that must have cosigned. */
    Policies setPolicies(String model, WitnessQuorum witnesses) {
        String keys =
                witnesses.witnesses().stream()
                        .map(key -> '"' + key.text() + '"')
                        .collect(Collectors.joining(","));
        return new Policies(
                set(
                        demanding(
                                policy(Kind.RELEASE, model, 1, Optional.empty()),
                                "\"witnesses\":{\"threshold\":%d,\"keys\":[%s]}"
                                        .formatted(witnesses.threshold(), keys))),
                setOutput(model));
    }

    /** The policy with one more field. */
    static PolicyDocument demanding(PolicyDocument plain, String field) {
        String body =
                new String(plain.body(), StandardCharsets.UTF_8)
                        .replaceAll("}$", "," + field + "}");
        return saying(plain, body);
    }

    /** The policy with other rules. */
    static PolicyDocument saying(PolicyDocument plain, String body) {
        return new PolicyDocument(
                plain.kind(),
                plain.scope(),
                plain.id(),
                plain.seq(),
                plain.previous(),
                plain.notAfter(),
                body.getBytes(StandardCharsets.UTF_8));
    }

    /** Digests of the policies in force, and which revision the first one is. */
    record Policies(Digest release, long releaseSeq, Digest output) {
        /** First revisions. */
        Policies(Digest release, Digest output) {
            this(release, 1, output);
        }
    }

    // Versions.

    /** A sealed version that its owner still has everything of. */
    record Sealed(
            ModelName model,
            VersionId id,
            Manifest manifest,
            List<byte[]> files,
            byte[] importCiphertext) {
        ByteString idBytes() {
            return ByteString.copyFrom(id.bytes());
        }
    }

    ImportCertificate importCertificate() {
        try {
            byte[] identityBytes =
                    AdminGrpc.newBlockingStub(channel())
                            .getVaultIdentity(GetVaultIdentityRequest.getDefaultInstance())
                            .getVaultIdentity()
                            .toByteArray();
            VaultIdentity vaultIdentity =
                    VaultIdentity.verify(Dsse.decode(identityBytes), vault.pin);
            byte[] certificate =
                    KeysGrpc.newBlockingStub(channel())
                            .getImportCertificate(
                                    GetImportCertificateRequest.newBuilder()
                                            .setTenant(tenant)
                                            .build())
                            .getCertificate()
                            .toByteArray();
            return ImportCertificate.verify(
                    Dsse.decode(certificate),
                    vaultIdentity.ceremonySpki(),
                    vault.pin,
                    vault.clock.instant());
        } catch (SealedFormatException e) {
            throw new IllegalStateException(e);
        }
    }

    Sealed seal(String model, byte[]... plaintexts) {
        return seal(model, importCertificate(), signer, plaintexts);
    }

    Sealed seal(
            String model,
            ImportCertificate certificate,
            StatementSigner statementSigner,
            byte[]... plaintexts) {
        try (var secrets = VersionSecrets.generate(RANDOM)) {
            return seal(model, certificate, statementSigner, secrets, plaintexts);
        } catch (IOException | SignatureException | SealedFormatException e) {
            throw new IllegalStateException(e);
        }
    }

    private Sealed seal(
            String model,
            ImportCertificate certificate,
            StatementSigner statementSigner,
            VersionSecrets secrets,
            byte[]... plaintexts)
            throws IOException, SignatureException, SealedFormatException {
        var id = VersionId.random(RANDOM);
        Suite suite = Suite.of(certificate.hash());
        var who = new Identity(suite, ownerId(), model(model), id);
        List<byte[]> sealedFiles = new ArrayList<>();
        List<FileEntry> entries = new ArrayList<>();
        List<SealedEntry> sealedEntries = new ArrayList<>();
        for (int i = 0; i < plaintexts.length; i++) {
            var out = new ByteArrayOutputStream();
            String name = "file-" + i;
            SealedFile file =
                    new Sealer(RANDOM)
                            .seal(
                                    Channels.newChannel(new ByteArrayInputStream(plaintexts[i])),
                                    Channels.newChannel(out),
                                    secrets,
                                    who.file(name, i));
            sealedFiles.add(out.toByteArray());
            entries.add(file.contentEntry(name));
            sealedEntries.add(file.entry());
        }
        var content =
                new ContentStatement(
                        suite,
                        ownerId(),
                        model(model),
                        id,
                        Instant.now(),
                        Preparation.NONE,
                        "file-0",
                        entries,
                        new PolicyDemand(RELEASE_ID, 1),
                        new PolicyDemand(OUTPUT_ID, 1),
                        "none",
                        "test",
                        resealBy);
        byte[] importCiphertext = secrets.wrapTo(certificate);
        Dsse signedContent = content.sign(statementSigner);
        var sealing =
                SealStatement.first(
                        Digest.sha256(signedContent.payload()),
                        Digest.sha256(importCiphertext),
                        secrets.envelope(who),
                        secrets.commitment(who),
                        sealedEntries);
        var manifest =
                new Manifest(
                        root.getPublic().getEncoded(),
                        signedContent,
                        sealing.sign(statementSigner));
        return new Sealed(model(model), id, manifest, sealedFiles, importCiphertext);
    }

    List<Long> begin(Sealed version) {
        return models().beginVersion(
                        BeginVersionRequest.newBuilder()
                                .setManifest(ByteString.copyFrom(version.manifest().encode()))
                                .build())
                .getDurableBytesList();
    }

    /** Sends a part of a file; the answer, or the exception of the call. */
    long upload(Sealed version, int file, int from, int to) {
        return upload(version, file, from, version.files().get(file), from, to);
    }

    long upload(Sealed version, int file, long offset, byte[] bytes, int from, int to) {
        var answer = new Uploaded();
        StreamObserver<UploadObjectRequest> call =
                ModelsGrpc.newStub(channel()).uploadObject(answer);
        call.onNext(
                UploadObjectRequest.newBuilder()
                        .setHeader(
                                UploadObjectRequest.Header.newBuilder()
                                        .setModel(version.model().toString())
                                        .setVersionId(version.idBytes())
                                        .setFileIndex(file)
                                        .setOffset(offset))
                        .build());
        for (int at = from; at < to; at += 1 << 20) {
            int length = Math.min(1 << 20, to - at);
            call.onNext(
                    UploadObjectRequest.newBuilder()
                            .setChunk(ByteString.copyFrom(bytes, at, length))
                            .build());
        }
        call.onCompleted();
        return answer.join();
    }

    /** The answer to an upload, or the exception of the call. */
    static final class Uploaded implements StreamObserver<UploadObjectResponse> {
        private final CompletableFuture<Long> durable = new CompletableFuture<>();

        @Override
        public void onNext(UploadObjectResponse response) {
            durable.complete(response.getDurableBytes());
        }

        @Override
        public void onError(Throwable error) {
            durable.completeExceptionally(error);
        }

        @Override
        public void onCompleted() {}

        long join() {
            try {
                return durable.get(60, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException refused) {
                    throw refused;
                }
                throw new IllegalStateException(e);
            } catch (InterruptedException | TimeoutException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    CommitVersionResponse commit(Sealed version) {
        return commit(version, version.importCiphertext());
    }

    CommitVersionResponse commit(Sealed version, byte[] importCiphertext) {
        return models().commitVersion(
                        CommitVersionRequest.newBuilder()
                                .setModel(version.model().toString())
                                .setVersionId(version.idBytes())
                                .setImportCiphertext(ByteString.copyFrom(importCiphertext))
                                .build());
    }

    CommitVersionResponse push(Sealed version) {
        List<Long> durable = begin(version);
        for (int i = 0; i < durable.size(); i++) {
            int length = version.files().get(i).length;
            int from = durable.get(i).intValue();
            if (from < length) {
                upload(version, i, from, length);
            }
        }
        return commit(version);
    }

    /** Some bytes of a length that fills several segments. */
    static byte[] weights(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
