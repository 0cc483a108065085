package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Evidence;
import dev.strongroom.attestation.EvidenceVerifier;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.attestation.guest.GuestException;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.proto.v1.GetChallengeResponse;
import dev.strongroom.proto.v1.RenewLeaseRequest;
import dev.strongroom.proto.v1.RenewLeaseResponse;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Renews a lease by fresh evidence: a new challenge, the same boot and TLS key, no data key. Every
 * answer is checked like the first one, down to the place of the renewal in the log.
 *
 * <p>For one thread.
 */
public final class LeaseRenewer implements LeaseKeeper.Renewing {
    private final VaultLink vault;
    private final Digest pin;
    private final Guest guest;
    private final TrustAnchors anchors;
    private final NodeMemory memory;
    private final LatestOrders orders;
    private final InstantSource clock;
    private final SecureRandom random;

    /**
     * @param pin SHA-256 of the vault's ceremony key
     * @param guest a lane of its own: {@link GuestLanes#renewals}
     * @param orders gets what the vault says holds against callers, when there is something
     */
    public LeaseRenewer(
            VaultLink vault,
            Digest pin,
            Guest guest,
            TrustAnchors anchors,
            NodeMemory memory,
            LatestOrders orders,
            InstantSource clock,
            SecureRandom random) {
        this.vault = vault;
        this.pin = pin;
        this.guest = guest;
        this.anchors = anchors;
        this.memory = memory;
        this.orders = orders;
        this.clock = clock;
        this.random = random;
    }

    @Override
    public Grant renew(Grant current) throws LeaseException, IOException {
        Version version = version(current);
        version.requireAllowed(current.owners());
        GetChallengeResponse challenge = vault.challenge();
        VaultIdentity identity =
                Vaults.identity(challenge.getVaultIdentity(), pin, anchors, memory, vault);
        Optional<Checkpoint> remembered = memory.checkpoint(identity);
        var asked =
                Question.forRenewal(
                        transcript(challenge, identity, version, current),
                        current.lease(),
                        random,
                        MonotonicClock::nanos);
        RenewLeaseResponse answer = vault.renew(request(asked, version, current, remembered));
        var checked =
                new LeaseAnswer(asked, version, identity, anchors)
                        .check(LeaseAnswer.Said.of(answer), remembered, clock.instant());
        Orders held =
                Orders.verify(answer.getOrdersList(), identity, checked.lease(), asked.nodeNonce());
        if (!held.all().isEmpty()) {
            orders.hear(LatestOrders.Way.RENEWAL, held.at(), held.all());
        }
        memory.rememberCheckpoint(checked.checkpoint());
        memory.keepResult(checked.resultToken());
        return new Grant(
                checked.lease(),
                current.manifest(),
                current.owners(),
                version.release(),
                version.output(),
                identity,
                current.tlsKey(),
                checked.tlsChain(),
                asked.askedNanos(),
                new Grant.Presented(
                        challenge.getVaultIdentity().toByteArray(),
                        answer.getLease().toByteArray(),
                        version.policies(),
                        answer.getProof()));
    }

    /** The policies in force now, for the seal that this node has open. */
    private Version version(Grant current) throws LeaseException, IOException {
        ContentStatement content = current.manifest().content();
        Version now =
                Version.verify(
                        vault.version(content.model(), current.lease().versionNumber()),
                        content.ownerId(),
                        content.model(),
                        current.lease().versionNumber(),
                        memory,
                        new EvidenceVerifier(anchors, memory.collateral(), clock),
                        clock.instant());
        if (!now.manifest().digest().equals(current.manifest().digest())) {
            throw new LeaseException(
                    LeaseException.Kind.DENIED,
                    "the version was sealed anew: this node's seal is not renewed; restart it");
        }
        return now;
    }

    private static Transcript transcript(
            GetChallengeResponse challenge, VaultIdentity identity, Version version, Grant current)
            throws LeaseException {
        ContentStatement content = current.manifest().content();
        return Integrity.verified(
                "challenge",
                () ->
                        new Transcript(
                                Role.RENEW,
                                challenge.getNonce().toByteArray(),
                                new byte[0],
                                current.tlsSpki(),
                                identity.signingKeyId(),
                                current.owners(),
                                content.model().tenant().value(),
                                current.manifest().digest(),
                                version.references(),
                                current.lease().posture(),
                                current.lease().bootId()));
    }

    private RenewLeaseRequest request(
            Question question, Version version, Grant current, Optional<Checkpoint> remembered)
            throws LeaseException {
        Transcript asked = question.transcript();
        ContentStatement content = current.manifest().content();
        return RenewLeaseRequest.newBuilder()
                .setNonce(ByteString.copyFrom(asked.nonce()))
                .setNodeNonce(ByteString.copyFrom(question.nodeNonce()))
                .setModel(content.model().toString())
                .setVersionId(ByteString.copyFrom(content.versionId().bytes()))
                .setManifestDigest(ByteString.copyFrom(asked.manifestDigest().bytes()))
                .setEvidence(ByteString.copyFrom(evidence(asked).encode()))
                .setTlsSpki(ByteString.copyFrom(asked.tlsSpki()))
                .setBootId(ByteString.copyFrom(asked.bootId()))
                .setPosture(asked.posture().level())
                .addAllCoOwners(Owners.ids(asked.owners()))
                .setReleasePolicyDigest(
                        ByteString.copyFrom(version.release().reference().digest().bytes()))
                .setOutputPolicyDigest(
                        ByteString.copyFrom(version.output().reference().digest().bytes()))
                .setLastCheckpointSize(remembered.map(Checkpoint::size).orElse(0L))
                .build();
    }

    private Evidence evidence(Transcript asked) throws LeaseException {
        try {
            return guest.evidence(asked.reportData());
        } catch (GuestException e) {
            throw new LeaseException(
                    LeaseException.Kind.UNREACHABLE,
                    "this machine gave no evidence: " + e.getMessage(),
                    e);
        }
    }
}
