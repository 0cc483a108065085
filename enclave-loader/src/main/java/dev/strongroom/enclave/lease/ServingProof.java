package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.ServingNonce;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.attestation.guest.GuestException;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.transparency.NonceBatch;
import dev.strongroom.proto.v1.GetEvidenceResponse;
import dev.strongroom.proto.v1.Standing;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Shows clients what answers them: evidence of role serve over their nonces, and every signed
 * document it speaks for, those of the lease in force.
 *
 * <p>Thread-safe as far as the guest is.
 */
public final class ServingProof {
    private final Supplier<Grant> grants;
    private final Supplier<Optional<Standing>> standing;
    private final Guest guest;

    /**
     * @param grants the one in force
     * @param standing the vault's last word on it
     * @param guest a lane that gives way: {@link GuestLanes#clients}
     */
    public ServingProof(
            Supplier<Grant> grants, Supplier<Optional<Standing>> standing, Guest guest) {
        this.grants = grants;
        this.standing = standing;
        this.guest = guest;
    }

    /**
     * Asks the platform once for evidence over all the nonces.
     *
     * @param nonces the clients', 32 bytes each, at most {@link NonceBatch#MAX_NONCES}
     * @return one answer for each, in their order
     */
    public List<GetEvidenceResponse> answers(List<byte[]> nonces) throws GuestException {
        var batch = new NonceBatch(nonces);
        GetEvidenceResponse.Builder common = answer(grants.get(), batch.root()).toBuilder();
        standing.get().ifPresent(common::setStanding);
        return IntStream.range(0, nonces.size())
                .mapToObj(index -> common.clone().setBatch(place(batch, index)).build())
                .toList();
    }

    /** The vault's last word that the lease in force is not revoked. */
    public Optional<Standing> standing() {
        return standing.get();
    }

    /** Evidence that it was made after this lease, good for every caller until the lease's end. */
    GetEvidenceResponse afterLease(Grant grant) throws GuestException {
        return answer(grant, ServingNonce.afterLease(grant.presented().lease()));
    }

    private GetEvidenceResponse answer(Grant grant, byte[] nonce) throws GuestException {
        Lease lease = grant.lease();
        ContentStatement content = grant.manifest().content();
        byte[] tlsSpki = grant.tlsSpki();
        var transcript =
                new Transcript(
                        Role.SERVE,
                        nonce,
                        new byte[0],
                        tlsSpki,
                        grant.vault().signingKeyId(),
                        grant.owners(),
                        content.model().tenant().value(),
                        grant.manifest().digest(),
                        grant.policies(),
                        lease.posture(),
                        lease.bootId());
        Grant.Presented presented = grant.presented();
        return GetEvidenceResponse.newBuilder()
                .setEvidence(ByteString.copyFrom(guest.evidence(transcript.reportData()).encode()))
                .setTlsSpki(ByteString.copyFrom(tlsSpki))
                .setBootId(ByteString.copyFrom(lease.bootId()))
                .setPosture(lease.posture().level())
                .addAllCoOwners(Owners.ids(grant.owners()))
                .setManifest(ByteString.copyFrom(grant.manifest().manifest().encode()))
                .setVersion(lease.versionNumber())
                .setPolicies(presented.policies())
                .setLease(ByteString.copyFrom(presented.lease()))
                .setReleaseProof(presented.releaseProof())
                .setVaultIdentity(ByteString.copyFrom(presented.vaultIdentity()))
                .setTee(lease.tee().label())
                .build();
    }

    private static dev.strongroom.proto.v1.NonceBatch place(NonceBatch batch, int index) {
        return dev.strongroom.proto.v1.NonceBatch.newBuilder()
                .setRoot(ByteString.copyFrom(batch.root()))
                .setIndex(index)
                .setSize(batch.size())
                .addAllPath(
                        batch.proof(index).stream()
                                .map(hash -> ByteString.copyFrom(hash.bytes()))
                                .toList())
                .build();
    }
}
