package dev.strongroom.vault;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.guest.GuestException;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.FingerprintCommitment;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.Zeroisation;
import dev.strongroom.proto.v1.CommitFingerprintRequest;
import dev.strongroom.proto.v1.GetChallengeRequest;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.ReleaseGrpc;
import dev.strongroom.proto.v1.RenewLeaseRequest;
import dev.strongroom.proto.v1.RenewLeaseResponse;
import dev.strongroom.proto.v1.ReportZeroisationRequest;
import dev.strongroom.proto.v1.ReportZeroisationResponse;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import dev.strongroom.testkit.ChipConfig;
import dev.strongroom.vault.TestOwner.Policies;
import dev.strongroom.vault.TestOwner.Sealed;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SignatureException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A node on the test chip: keys, evidence and lease requests that a test may bend. */
final class TestNode {
    private static final KeyPair KEM = newKem();

    final TestVault vault;
    final TestOwner owner;
    final TestIdentity identity;
    final KeyPair tls = TestIdentity.newKey();
    final byte[] bootId = new byte[Transcript.BOOT_ID_BYTES];

    /** Owners that it says it was launched for beside its own. */
    Set<Digest> coOwners = Set.of();

    private String connectedTo = "";
    private ReleaseGrpc.@Nullable ReleaseBlockingStub release;

    TestNode(TestOwner owner) {
        this(owner, owner.vault.issue(owner.tenant, "node"));
    }

    /** Another boot of the node that has this identity. */
    TestNode(TestOwner owner, TestIdentity identity) {
        this.vault = owner.vault;
        this.owner = owner;
        this.identity = identity;
        TestOwner.RANDOM.nextBytes(bootId);
    }

    private static KeyPair newKem() {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(3072);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    KeyPair kem() {
        return KEM;
    }

    /** One connection for as long as the vault listens where it does. */
    ReleaseGrpc.ReleaseBlockingStub release() {
        if (release == null || !vault.address().equals(connectedTo)) {
            connectedTo = vault.address();
            release = ReleaseGrpc.newBlockingStub(vault.connect(identity));
        }
        return release;
    }

    byte[] nonce() {
        return release()
                .getChallenge(GetChallengeRequest.getDefaultInstance())
                .getNonce()
                .toByteArray();
    }

    ChipConfig guest() {
        return guestOf(owners());
    }

    static ChipConfig guestOf(NodeOwners launched) {
        return ChipConfig.launch(TestOwner.MEASUREMENT, launched.hostData().bytes());
    }

    private NodeOwners owners() {
        return NodeOwners.among(owner.ownerId(), coOwners);
    }

    Transcript transcript(Role role, Sealed version, Policies policies, byte[] nonce) {
        return new Transcript(
                role,
                nonce,
                role == Role.RELEASE ? KEM.getPublic().getEncoded() : new byte[0],
                tls.getPublic().getEncoded(),
                vaultKeyId(),
                owners(),
                owner.tenant,
                version.manifest().digest(),
                List.of(
                        new PolicyReference(
                                Kind.RELEASE,
                                TestOwner.RELEASE_ID,
                                policies.releaseSeq(),
                                policies.release()),
                        new PolicyReference(
                                Kind.OUTPUT, TestOwner.OUTPUT_ID, 1, policies.output())),
                Posture.BASE,
                bootId);
    }

    private Digest vaultKeyId() {
        return vaultIdentity().signingKeyId();
    }

    Evidence evidence(ChipConfig guest, Transcript transcript) {
        try {
            return vault.chip.guest(guest).evidence(transcript.reportData());
        } catch (GuestException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A request that the vault accepts, with its own nonce. */
    RequestLeaseRequest.Builder request(Sealed version, Policies policies) {
        byte[] nonce = nonce();
        return request(
                version,
                policies,
                nonce,
                evidence(guest(), transcript(Role.RELEASE, version, policies, nonce)));
    }

    RequestLeaseRequest.Builder request(
            Sealed version, Policies policies, byte[] nonce, Evidence evidence) {
        return RequestLeaseRequest.newBuilder()
                .setNonce(ByteString.copyFrom(nonce))
                .setNodeNonce(ByteString.copyFrom(nonce))
                .setModel(version.model().toString())
                .setVersionId(version.idBytes())
                .setManifestDigest(ByteString.copyFrom(version.manifest().digest().bytes()))
                .setEvidence(ByteString.copyFrom(evidence.encode()))
                .setKemSpki(ByteString.copyFrom(KEM.getPublic().getEncoded()))
                .setTlsSpki(ByteString.copyFrom(tls.getPublic().getEncoded()))
                .setTlsCsr(ByteString.copyFrom(TestIdentity.csr(tls)))
                .setBootId(ByteString.copyFrom(bootId))
                .setPosture(Posture.BASE.level())
                .addAllCoOwners(
                        owners().others().stream()
                                .map(id -> ByteString.copyFrom(id.bytes()))
                                .toList())
                .setReleasePolicyDigest(ByteString.copyFrom(policies.release().bytes()))
                .setOutputPolicyDigest(ByteString.copyFrom(policies.output().bytes()));
    }

    RequestLeaseResponse ask(RequestLeaseRequest.Builder request) {
        return release().requestLease(request.build());
    }

    /** A renewal that the vault grants while the lease lasts, with its own nonce. */
    RenewLeaseRequest.Builder renewal(Sealed version, Policies policies) {
        return renewal(version, policies, Role.RENEW, guest());
    }

    RenewLeaseRequest.Builder renewal(
            Sealed version, Policies policies, Role role, ChipConfig guest) {
        byte[] nonce = nonce();
        Evidence evidence = evidence(guest, transcript(role, version, policies, nonce));
        RequestLeaseRequest like = request(version, policies, nonce, evidence).build();
        return RenewLeaseRequest.newBuilder()
                .setNonce(like.getNonce())
                .setNodeNonce(like.getNodeNonce())
                .setModel(like.getModel())
                .setVersionId(like.getVersionId())
                .setManifestDigest(like.getManifestDigest())
                .setEvidence(like.getEvidence())
                .setTlsSpki(like.getTlsSpki())
                .setBootId(like.getBootId())
                .setPosture(like.getPosture())
                .addAllCoOwners(like.getCoOwnersList())
                .setReleasePolicyDigest(like.getReleasePolicyDigest())
                .setOutputPolicyDigest(like.getOutputPolicyDigest());
    }

    RenewLeaseResponse renew(RenewLeaseRequest.Builder request) {
        return release().renewLease(request.build());
    }

    VaultIdentity vaultIdentity() {
        try {
            byte[] envelope =
                    release()
                            .getChallenge(GetChallengeRequest.getDefaultInstance())
                            .getVaultIdentity()
                            .toByteArray();
            return VaultIdentity.verify(Dsse.decode(envelope), vault.pin);
        } catch (SealedFormatException e) {
            throw new IllegalStateException(e);
        }
    }

    Lease lease(ByteString envelope) throws SealedFormatException {
        return Lease.verify(Dsse.decode(envelope.toByteArray()), vaultIdentity().signingSpki());
    }

    /** Opens the stream of this boot. */
    TestWatch watch(String model) {
        return new TestWatch(this, model);
    }

    /** What this node reports of a lease at its end. */
    Zeroisation zeroisation(Lease lease) {
        return new Zeroisation(
                bootId,
                lease.seq(),
                lease.model(),
                lease.versionId(),
                lease.manifestDigest(),
                lease.releaseLeaf(),
                "lease.expired",
                Instant.now(),
                3,
                4096,
                List.of("the session's own memory"));
    }

    /** What this node commits to before it marks its copy. */
    FingerprintCommitment commitment(Lease lease, Digest mark) {
        return new FingerprintCommitment(
                bootId,
                lease.model(),
                lease.versionId(),
                lease.manifestDigest(),
                lease.releaseLeaf(),
                mark);
    }

    InclusionProof commit(FingerprintCommitment statement, KeyPair signer) {
        try {
            return release()
                    .commitFingerprint(
                            CommitFingerprintRequest.newBuilder()
                                    .setModel(statement.model().toString())
                                    .setStatement(
                                            ByteString.copyFrom(
                                                    statement.sign(P256.signer(signer)).encode()))
                                    .setTlsSpki(
                                            ByteString.copyFrom(signer.getPublic().getEncoded()))
                                    .build())
                    .getProof();
        } catch (SignatureException e) {
            throw new IllegalStateException(e);
        }
    }

    ReportZeroisationResponse report(Zeroisation statement, KeyPair signer) {
        try {
            return release()
                    .reportZeroisation(
                            ReportZeroisationRequest.newBuilder()
                                    .setModel(statement.model().toString())
                                    .setStatement(
                                            ByteString.copyFrom(
                                                    statement.sign(P256.signer(signer)).encode()))
                                    .setTlsSpki(
                                            ByteString.copyFrom(signer.getPublic().getEncoded()))
                                    .build());
        } catch (SignatureException e) {
            throw new IllegalStateException(e);
        }
    }
}
