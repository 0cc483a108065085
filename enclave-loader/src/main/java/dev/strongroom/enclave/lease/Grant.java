package dev.strongroom.enclave.lease;

import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.proto.v1.InclusionProof;
import dev.strongroom.proto.v1.Policies;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A lease that was checked in every field, with what it was given for and what a client needs to
 * check it again.
 *
 * @param lease in force
 * @param manifest the version
 * @param owners whom this machine was launched for, seen by the version's owner
 * @param release policy in force
 * @param output policy in force
 * @param vault the pinned identity
 * @param tlsKey of this boot; bound into the lease
 * @param tlsChain certificate of that key and the vault's CA
 * @param askedNanos monotonic reading from before it was asked for: its time counts from here
 * @param presented the signed originals
 */
public record Grant(
        Lease lease,
        VerifiedManifest manifest,
        NodeOwners owners,
        VerifiedPolicy release,
        VerifiedPolicy output,
        VaultIdentity vault,
        PrivateKey tlsKey,
        List<X509Certificate> tlsChain,
        long askedNanos,
        Presented presented) {
    /**
     * What clients verify for themselves.
     *
     * @param vaultIdentity DSSE by the ceremony key
     * @param lease DSSE by the vault's signing key
     * @param policies DSSE by the owner
     * @param releaseProof of the release leaf
     */
    public record Presented(
            byte[] vaultIdentity, byte[] lease, Policies policies, InclusionProof releaseProof) {}

    public Grant {
        tlsChain = List.copyOf(tlsChain);
    }

    /** Release policy first, as transcripts and leases have it. */
    public List<PolicyReference> policies() {
        return List.of(release.reference(), output.reference());
    }

    /** SubjectPublicKeyInfo of the TLS key. */
    public byte[] tlsSpki() {
        return tlsChain.getFirst().getPublicKey().getEncoded();
    }

    @Override
    public String toString() {
        return "Grant[" + lease.model() + " version " + lease.versionNumber() + "]";
    }
}
