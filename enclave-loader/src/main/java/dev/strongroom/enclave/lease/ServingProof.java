package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.attestation.guest.GuestException;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.proto.v1.GetEvidenceResponse;

/**
 * Shows a client what answers it: evidence of role serve over the client's nonce, and every signed
 * document it speaks for.
 *
 * <p>Thread-safe as far as the guest is.
 */
public final class ServingProof {
    private final Grant grant;
    private final Guest guest;

    public ServingProof(Grant grant, Guest guest) {
        this.grant = grant;
        this.guest = guest;
    }

    /**
     * Asks the platform for evidence over the nonce.
     *
     * @param nonce the client's, 32 bytes
     * @throws IllegalArgumentException unless the nonce is 32 bytes
     */
    public GetEvidenceResponse answer(byte[] nonce) throws GuestException {
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
                        content.ownerId(),
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
                .setManifest(ByteString.copyFrom(grant.manifest().manifest().encode()))
                .setVersion(lease.versionNumber())
                .setPolicies(presented.policies())
                .setLease(ByteString.copyFrom(presented.lease()))
                .setReleaseProof(presented.releaseProof())
                .setVaultIdentity(ByteString.copyFrom(presented.vaultIdentity()))
                .setTee(lease.tee().label())
                .build();
    }
}
