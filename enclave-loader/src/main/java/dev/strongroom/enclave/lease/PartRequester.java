package dev.strongroom.enclave.lease;

import com.google.protobuf.ByteString;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Posture;
import dev.strongroom.attestation.Role;
import dev.strongroom.attestation.Transcript;
import dev.strongroom.attestation.guest.Guest;
import dev.strongroom.attestation.guest.GuestException;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.open.ReleaseKey;
import dev.strongroom.crypto.open.SecondPart;
import dev.strongroom.proto.v1.ReleasePartRequest;
import java.util.Optional;

/**
 * Gets the second part of a split version's key from its owner's agent: a one-shot key and evidence
 * of its own, which are worth nothing at the vault.
 *
 * @param address {@code host:port} of the agent; the version says by which key it is known
 * @param tlsSpki of the node's TLS key, the same as in the lease
 * @param owners whom this machine was launched for
 */
record PartRequester(
        Optional<String> address,
        Guest guest,
        Posture posture,
        byte[] tlsSpki,
        NodeOwners owners,
        byte[] bootId) {

    /** Asks once; the caller closes what comes. */
    SecondPart part(Version version, Digest agent) throws LeaseException {
        String there =
                address.orElseThrow(() ->
                        new LeaseException(
                                LeaseException.Kind.DENIED,
                                "the version is split: its owner's agent "
                                        + agent
                                        + " has to release the other part; say where it is with"
                                        + " agent: HOST:PORT in the node's configuration"));
        try (var link = AgentLink.open(there, agent);
                var key = ReleaseKey.generate()) {
            Transcript asked = transcript(link.nonce(), version, agent, key);
            byte[] wrapped = link.release(request(asked, version));
            return Integrity.verified("the agent's part", () -> key.openPart(wrapped));
        }
    }

    private Transcript transcript(byte[] nonce, Version version, Digest agent, ReleaseKey key)
            throws LeaseException {
        ContentStatement content = version.manifest().content();
        return Integrity.verified(
                "the agent's challenge",
                () ->
                        new Transcript(
                                Role.PART,
                                nonce,
                                key.spki(),
                                tlsSpki,
                                agent,
                                owners,
                                content.model().tenant().value(),
                                version.manifest().digest(),
                                version.references(),
                                posture,
                                bootId));
    }

    private ReleasePartRequest request(Transcript asked, Version version) throws LeaseException {
        try {
            return ReleasePartRequest.newBuilder()
                    .setNonce(ByteString.copyFrom(asked.nonce()))
                    .setManifest(ByteString.copyFrom(version.manifest().manifest().encode()))
                    .setPolicies(version.policies())
                    .setEvidence(ByteString.copyFrom(guest.evidence(asked.reportData()).encode()))
                    .setKemSpki(ByteString.copyFrom(asked.kemSpki()))
                    .setTlsSpki(ByteString.copyFrom(asked.tlsSpki()))
                    .setBootId(ByteString.copyFrom(asked.bootId()))
                    .setPosture(asked.posture().level())
                    .addAllCoOwners(Owners.ids(asked.owners()))
                    .build();
        } catch (GuestException e) {
            throw new LeaseException(
                    LeaseException.Kind.DENIED,
                    "this machine gave no evidence: " + e.getMessage(),
                    e);
        }
    }
}
