package dev.strongroom.vault.release;

import dev.strongroom.crypto.format.AttestedName;
import dev.strongroom.crypto.format.Lease;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.VaultConfig.Limits;
import dev.strongroom.vault.access.CertificateAuthority;
import dev.strongroom.vault.ownkeys.OwnKeys;
import dev.strongroom.vault.publish.PolicyDesk.InForce;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * What every lease gets, released or renewed: its limits, the vault's signature and a certificate
 * for the node's TLS key until its end.
 *
 * <p>Thread-safe.
 */
public final class LeaseOffice {
    private final OwnKeys ownKeys;
    private final CertificateAuthority authority;
    private final Limits limits;

    public LeaseOffice(OwnKeys ownKeys, CertificateAuthority authority, Limits limits) {
        this.ownKeys = ownKeys;
        this.authority = authority;
        this.limits = limits;
    }

    /** A lease never outlives the policies it was given under. */
    Instant notAfter(Instant issuedAt, InForce policies) {
        Instant end = issuedAt.plus(limits.lease());
        Instant release = policies.release().document().notAfter();
        Instant output = policies.output().document().notAfter();
        Instant both = release.isBefore(output) ? release : output;
        return end.isBefore(both) ? end : both;
    }

    long maxInferences() {
        return limits.leaseInferences();
    }

    byte[] sign(Lease lease) throws RefusedException {
        try {
            return lease.sign(ownKeys.signing()).encode();
        } catch (SignatureException e) {
            throw new RefusedException(
                    Reason.TOKEN_UNAVAILABLE,
                    "the token did not sign the lease; ask again with a new nonce",
                    e);
        }
    }

    /** Certificate of the node's TLS key, and what leads from it to every CA that counts. */
    List<X509Certificate> certify(byte[] tlsSpki, Lease lease) throws RefusedException {
        X509Certificate leaf =
                authority.issueServer(
                        "node", tlsSpki, lease.notAfter(), nodeHosts(lease.model().tenant()));
        return authority.chain(leaf);
    }

    /**
     * The third name is for clients that check nothing but the CA and a name: asked for, it tells
     * one tenant's nodes from another's. It is never resolved; the top-level domain is reserved.
     * The last one is asked for by clients who want evidence in the certificate, of nodes whose
     * evidence is too large for one.
     */
    private static List<String> nodeHosts(TenantName tenant) {
        return List.of(
                "localhost",
                "127.0.0.1",
                tenant + ".node.strongroom.internal",
                AttestedName.of(tenant));
    }
}
