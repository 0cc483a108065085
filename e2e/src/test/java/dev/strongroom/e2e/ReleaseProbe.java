package dev.strongroom.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.client.Profile;
import dev.strongroom.client.VaultConnection;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.Manifest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.proto.v1.FetchObjectRequest;
import dev.strongroom.proto.v1.GetChallengeRequest;
import dev.strongroom.proto.v1.GetVersionRequest;
import dev.strongroom.proto.v1.GetVersionResponse;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import dev.strongroom.proto.v1.VersionReference;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.testkit.SoftwareChip;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * A node of a tenant as far as its lease, inside the test: asks for the key of any version and
 * opens the version's envelope with it. Where one probe looks at many versions its keys are used
 * again and again, which no real node does; so a look costs one call to the token and no process.
 */
final class ReleaseProbe {
    private static final int GCM_NONCE_BYTES = 12;
    private static final int GCM_TAG_BITS = 128;

    private final Deployment world;
    private final Tenant tenant;
    private final Guest guest;
    private final KeyPair kem = pair("RSA");
    private final KeyPair tls = pair("EC");
    private final byte[] bootId = new byte[Transcript.BOOT_ID_BYTES];

    ReleaseProbe(Deployment world, Tenant tenant) throws Exception {
        this.world = world;
        this.tenant = tenant;
        var random = new SecureRandom();
        random.nextBytes(bootId);
        byte[] measurement = HexFormat.of().parseHex(world.measurement());
        this.guest =
                SoftwareChip.load(world.rest().resolve("world"), random, InstantSource.system())
                        .guest(ChipConfig.launch(measurement, tenant.ownerId().bytes()));
    }

    private static KeyPair pair(String algorithm) {
        try {
            var generator = KeyPairGenerator.getInstance(algorithm);
            if (algorithm.equals("RSA")) {
                generator.initialize(3072);
            } else {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }

    /** {@link #open} for each version. */
    void openAll(Collection<Ledger.Entry> versions) throws Exception {
        try (var vault = connect()) {
            for (Ledger.Entry version : versions) {
                open(vault, version.model(), version.number());
            }
        }
    }

    /** Has the vault release the key of a version and opens the envelope with it. */
    void open(ModelName model, long number) throws Exception {
        try (var vault = connect()) {
            open(vault, model, number);
        }
    }

    /** What is under T of a version. */
    byte[] underT(ModelName model, long number) throws Exception {
        try (var vault = connect()) {
            Version version = version(vault, model, number);
            return openEnvelope(
                    ask(vault, version).lease().getWrappedKey().toByteArray(), version.manifest());
        }
    }

    /** Whether a key is the one that the owner committed to. */
    boolean isContentKey(byte[] key, ModelName model, long number) throws Exception {
        try (var vault = connect()) {
            VerifiedManifest manifest = version(vault, model, number).manifest();
            Mac hmac = Mac.getInstance("HmacSHA256");
            hmac.init(new SecretKeySpec(key, "HmacSHA256"));
            hmac.update("strongroom/commit/v1".getBytes(StandardCharsets.US_ASCII));
            hmac.update(manifest.content().ownerId().bytes());
            hmac.update(manifest.content().versionId().bytes());
            return Arrays.equals(hmac.doFinal(), manifest.seal().commitment());
        }
    }

    private VaultConnection connect() throws Exception {
        return VaultConnection.open(new Profile(tenant.node()), world.vault().field("grpc"));
    }

    /** {@link #open}, then takes every sealed byte as a node does and compares it. */
    void openAndFetch(ModelName model, long number) throws Exception {
        try (var vault = connect()) {
            VerifiedManifest manifest = open(vault, model, number);
            for (int i = 0; i < manifest.seal().files().size(); i++) {
                fetch(vault, manifest, i);
            }
        }
    }

    private static void fetch(VaultConnection vault, VerifiedManifest manifest, int index) {
        var request =
                FetchObjectRequest.newBuilder()
                        .setModel(manifest.content().model().toString())
                        .setVersionId(bytes(manifest.content().versionId().bytes()))
                        .setFileIndex(index)
                        .build();
        MessageDigest sha256 = Digest.newSha256();
        vault.downloads()
                .fetchObject(request)
                .forEachRemaining(
                        part -> part.getChunk().asReadOnlyByteBufferList().forEach(sha256::update));
        assertThat(Digest.of(sha256.digest()))
                .isEqualTo(manifest.seal().files().get(index).digest());
    }

    private VerifiedManifest open(VaultConnection vault, ModelName model, long number)
            throws Exception {
        Version version = version(vault, model, number);
        Answer answer = ask(vault, version);
        openEnvelope(answer.lease().getWrappedKey().toByteArray(), version.manifest());
        Lease lease =
                Lease.verify(
                        Dsse.decode(answer.lease().getLease().toByteArray()),
                        answer.identity().signingSpki());
        assertThat(lease.manifestDigest()).isEqualTo(version.manifest().digest());
        return version.manifest();
    }

    /** A version as the vault showed it, and its manifest. */
    record Version(GetVersionResponse shown, VerifiedManifest manifest) {}

    Version version(VaultConnection vault, ModelName model, long number) throws Exception {
        GetVersionResponse shown =
                vault.models()
                        .getVersion(
                                GetVersionRequest.newBuilder()
                                        .setVersion(
                                                VersionReference.newBuilder()
                                                        .setModel(model.toString())
                                                        .setNumber(number))
                                        .build());
        return new Version(
                shown, Manifest.decode(shown.getManifest().toByteArray()).verify(tenant.ownerId()));
    }

    /**
     * What the vault answered.
     *
     * @param inVault how long this waited for the vault's answers; making evidence is not in it
     */
    record Answer(VaultIdentity identity, RequestLeaseResponse lease, Duration inVault) {}

    /** Has the vault release a version's key, and believes what it says. */
    Answer ask(VaultConnection vault, Version version) throws Exception {
        var release = ReleaseGrpc.newBlockingStub(vault.models().getChannel());
        long begun = System.nanoTime();
        var challenge = release.getChallenge(GetChallengeRequest.getDefaultInstance());
        long challenged = System.nanoTime() - begun;
        VaultIdentity identity =
                VaultIdentity.verify(
                        Dsse.decode(challenge.getVaultIdentity().toByteArray()), world.pin());
        RequestLeaseRequest request =
                request(challenge.getNonce(), identity, version.shown(), version.manifest());
        long asked = System.nanoTime();
        RequestLeaseResponse lease = release.requestLease(request);
        return new Answer(
                identity, lease, Duration.ofNanos(challenged + System.nanoTime() - asked));
    }

    private RequestLeaseRequest request(
            ByteString nonce,
            VaultIdentity identity,
            GetVersionResponse version,
            VerifiedManifest manifest)
            throws Exception {
        List<PolicyReference> policies =
                List.of(
                        policy(version.getPolicies().getRelease(), manifest),
                        policy(version.getPolicies().getOutput(), manifest));
        var transcript =
                new Transcript(
                        Role.RELEASE,
                        nonce.toByteArray(),
                        kem.getPublic().getEncoded(),
                        tls.getPublic().getEncoded(),
                        identity.signingKeyId(),
                        NodeOwners.alone(tenant.ownerId()),
                        tenant.name(),
                        manifest.digest(),
                        policies,
                        Posture.BASE,
                        bootId);
        Evidence evidence = guest.evidence(transcript.reportData());
        return RequestLeaseRequest.newBuilder()
                .setNonce(nonce)
                .setNodeNonce(nonce)
                .setModel(manifest.content().model().toString())
                .setVersionId(bytes(manifest.content().versionId().bytes()))
                .setManifestDigest(bytes(manifest.digest()))
                .setEvidence(bytes(evidence.encode()))
                .setKemSpki(bytes(transcript.kemSpki()))
                .setTlsSpki(bytes(transcript.tlsSpki()))
                .setTlsCsr(bytes(signingRequest()))
                .setBootId(bytes(bootId))
                .setPosture(Posture.BASE.level())
                .setReleasePolicyDigest(bytes(policies.getFirst().digest()))
                .setOutputPolicyDigest(bytes(policies.getLast().digest()))
                .build();
    }

    private PolicyReference policy(ByteString envelope, VerifiedManifest manifest)
            throws Exception {
        return PolicyDocument.verify(
                        Dsse.decode(envelope.toByteArray()),
                        tenant.ownerId(),
                        manifest.manifest().ownerSpki())
                .reference();
    }

    private byte[] signingRequest() throws Exception {
        return new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=probe"), tls.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(tls.getPrivate()))
                .getEncoded();
    }

    /** Fails unless the key is the one that the owner sealed this version under. */
    private byte[] openEnvelope(byte[] wrapped, VerifiedManifest manifest)
            throws GeneralSecurityException {
        Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPPadding");
        rsa.init(
                Cipher.DECRYPT_MODE,
                kem.getPrivate(),
                manifest.content().suite().oaepHash().parameters());
        byte[] envelope = manifest.seal().ikmEnvelope();
        Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
        gcm.init(
                Cipher.DECRYPT_MODE,
                new SecretKeySpec(rsa.doFinal(wrapped), "AES"),
                new GCMParameterSpec(GCM_TAG_BITS, Arrays.copyOf(envelope, GCM_NONCE_BYTES)));
        gcm.updateAAD(manifest.identity().version());
        return gcm.doFinal(envelope, GCM_NONCE_BYTES, envelope.length - GCM_NONCE_BYTES);
    }

    private static ByteString bytes(Digest digest) {
        return ByteString.copyFrom(digest.bytes());
    }

    private static ByteString bytes(byte[] bytes) {
        return ByteString.copyFrom(bytes);
    }
}
