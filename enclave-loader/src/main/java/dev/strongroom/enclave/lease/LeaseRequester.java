package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.OwnEvidence;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.attestation.guest.GuestException;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.open.ContentKey;
import dev.strongroom.crypto.open.ReleaseKey;
import dev.strongroom.crypto.open.SecondPart;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.proto.v1.GetChallengeResponse;
import dev.strongroom.proto.v1.RequestLeaseRequest;
import dev.strongroom.proto.v1.RequestLeaseResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Gets one lease for one boot of this node. Keys are made while other things happen; whom to
 * believe comes from the launch-measured host data, and the vault is believed only as far as its
 * signatures and its log reach.
 *
 * <p>For one thread; the caller closes it, which forgets a release key that was not used.
 */
public final class LeaseRequester implements AutoCloseable {
    private final NodeSide node;
    private final byte[] bootId = new byte[Transcript.BOOT_ID_BYTES];
    private final CompletableFuture<ReleaseKey> releaseKey;
    private final CompletableFuture<TlsKey> tlsKey;

    /** A checked lease and the key that came with it, which whoever opens the model zeroes. */
    public record Released(Grant grant, ContentKey key) {
        /** Key of what guards of the version remember; before the key is zeroed. */
        public byte[] guardKey() {
            return key.guardKey();
        }

        /** Zeroes the key, when nothing will be opened with it. */
        public void forget() {
            key.close();
        }
    }

    /** For the first lease of a process; starts making the keys. */
    public LeaseRequester(NodeSide node) {
        this(node, CompletableFuture.supplyAsync(() -> TlsKey.generate(node.random())));
    }

    private LeaseRequester(NodeSide node, CompletableFuture<TlsKey> tlsKey) {
        this.node = node;
        node.random().nextBytes(bootId);
        this.releaseKey = CompletableFuture.supplyAsync(ReleaseKey::generate);
        this.tlsKey = tlsKey;
    }

    /**
     * For another lease of the same process: a boot id and a release key of its own, and the TLS
     * key that clients are connected to.
     *
     * @param serving a lease of this process
     */
    public static LeaseRequester beside(Grant serving, NodeSide node) {
        return new LeaseRequester(node, CompletableFuture.completedFuture(TlsKey.of(serving)));
    }

    /** The owner this machine was launched for; of several, the one that this side is for. */
    public Digest ownerId() throws LeaseException {
        Digest launched = hostData();
        NodeOwners owners = node.owners().orElseGet(() -> NodeOwners.alone(launched));
        if (!owners.hostData().equals(launched)) {
            throw new LeaseException(
                    LeaseException.Kind.DENIED,
                    "this machine was launched with host data "
                            + launched
                            + "; the owners that its configuration names make "
                            + owners.hostData());
        }
        return owners.own();
    }

    private Digest hostData() throws LeaseException {
        byte[] probe = new byte[Guest.REPORT_DATA_BYTES];
        node.random().nextBytes(probe);
        try {
            return OwnEvidence.hostData(evidence(probe), probe);
        } catch (MalformedEncodingException e) {
            throw new LeaseException(
                    LeaseException.Kind.INTEGRITY, "evidence: " + e.getMessage(), e);
        }
    }

    /**
     * The version and policies that the vault has, verified to the owner.
     *
     * @param number 0 is the latest
     */
    public Version version(ModelName model, long number, Digest ownerId)
            throws LeaseException, IOException {
        return versions().version(model, number, ownerId);
    }

    /** Asks which versions there are. */
    public VersionLookup versions() {
        return new VersionLookup(node.vault(), node.anchors(), node.memory(), node.clock());
    }

    /**
     * Asks for the key of a version and checks everything that comes back. Of a split version the
     * owner's agent is asked first: without its part a lease is of no use.
     */
    public Released lease(Version version) throws LeaseException, IOException {
        NodeOwners owners = node.ownersOf(version);
        version.requireAllowed(owners);
        Optional<Digest> holder = version.manifest().content().agent();
        if (holder.isEmpty()) {
            return lease(version, owners, Optional.empty());
        }
        var requester =
                new PartRequester(
                        node.agent(),
                        node.guest(),
                        node.fitness().level(),
                        tlsKey.join().spki(),
                        owners,
                        bootId.clone());
        try (SecondPart part = requester.part(version, holder.get())) {
            return lease(version, owners, Optional.of(part));
        }
    }

    private Released lease(Version version, NodeOwners owners, Optional<SecondPart> part)
            throws LeaseException, IOException {
        GetChallengeResponse challenge = node.vault().challenge();
        VaultIdentity identity =
                Vaults.identity(
                        challenge.getVaultIdentity(),
                        node.pin(),
                        node.anchors(),
                        node.memory(),
                        node.vault());
        Optional<Checkpoint> remembered = node.memory().checkpoint(identity);
        Question asked =
                Question.forKey(
                        transcript(challenge, identity, version, owners),
                        node.random(),
                        MonotonicClock::nanos);
        RequestLeaseResponse answer =
                node.vault()
                        .lease(
                                request(
                                        asked,
                                        version,
                                        evidence(asked.transcript().reportData()),
                                        remembered));
        var checked =
                new LeaseAnswer(asked, version, identity, node.anchors())
                        .check(LeaseAnswer.Said.of(answer), remembered, node.clock().instant());
        node.memory().rememberCheckpoint(checked.checkpoint());
        node.memory().keepResult(checked.resultToken());
        ContentKey key = open(answer, version, part);
        return new Released(
                new Grant(
                        checked.lease(),
                        version.manifest(),
                        owners,
                        version.release(),
                        version.output(),
                        identity,
                        tlsKey.join().privateKey(),
                        checked.tlsChain(),
                        asked.askedNanos(),
                        new Grant.Presented(
                                challenge.getVaultIdentity().toByteArray(),
                                answer.getLease().toByteArray(),
                                version.policies(),
                                answer.getProof())),
                key);
    }

    @Override
    public void close() {
        releaseKey.join().close(); // at most the second that making it takes
    }

    private Transcript transcript(
            GetChallengeResponse challenge,
            VaultIdentity identity,
            Version version,
            NodeOwners owners)
            throws LeaseException {
        ContentStatement content = version.manifest().content();
        return Integrity.verified(
                "challenge",
                () ->
                        new Transcript(
                                Role.RELEASE,
                                challenge.getNonce().toByteArray(),
                                releaseKey.join().spki(),
                                tlsKey.join().spki(),
                                identity.signingKeyId(),
                                owners,
                                content.model().tenant().value(),
                                version.manifest().digest(),
                                version.references(),
                                node.fitness().level(),
                                bootId));
    }

    private RequestLeaseRequest request(
            Question question,
            Version version,
            Evidence evidence,
            Optional<Checkpoint> remembered) {
        Transcript asked = question.transcript();
        ContentStatement content = version.manifest().content();
        return RequestLeaseRequest.newBuilder()
                .setNonce(ByteString.copyFrom(asked.nonce()))
                .setNodeNonce(ByteString.copyFrom(question.nodeNonce()))
                .setModel(content.model().toString())
                .setVersionId(ByteString.copyFrom(content.versionId().bytes()))
                .setManifestDigest(ByteString.copyFrom(asked.manifestDigest().bytes()))
                .setEvidence(ByteString.copyFrom(evidence.encode()))
                .setKemSpki(ByteString.copyFrom(asked.kemSpki()))
                .setTlsSpki(ByteString.copyFrom(asked.tlsSpki()))
                .setTlsCsr(ByteString.copyFrom(tlsKey.join().signingRequest()))
                .setBootId(ByteString.copyFrom(bootId))
                .setPosture(asked.posture().level())
                .addAllCoOwners(Owners.ids(asked.owners()))
                .setReleasePolicyDigest(
                        ByteString.copyFrom(version.release().reference().digest().bytes()))
                .setOutputPolicyDigest(
                        ByteString.copyFrom(version.output().reference().digest().bytes()))
                .setLastCheckpointSize(remembered.map(Checkpoint::size).orElse(0L))
                .build();
    }

    private ContentKey open(RequestLeaseResponse answer, Version version, Optional<SecondPart> part)
            throws LeaseException {
        byte[] wrapped = answer.getWrappedKey().toByteArray();
        try (ReleaseKey key = releaseKey.join()) {
            return Integrity.verified(
                    "data key",
                    () ->
                            part.isPresent()
                                    ? key.open(wrapped, version.manifest(), part.get())
                                    : key.open(wrapped, version.manifest()));
        }
    }

    private Evidence evidence(byte[] reportData) throws LeaseException {
        try {
            return node.guest().evidence(reportData);
        } catch (GuestException e) {
            throw new LeaseException(
                    LeaseException.Kind.DENIED,
                    "this machine gave no evidence: " + e.getMessage(),
                    e);
        }
    }
}
