package dev.strongroom.vault.publish;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.PolicyDocument;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.vault.catalog.TenantTable.Tenant;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;

/** Whose signature on a policy counts. */
record PolicyOwner(Digest id, byte[] spki) {
    static PolicyOwner of(Tenant tenant) {
        return new PolicyOwner(tenant.ownerId(), tenant.ownerSpki());
    }

    /** The one that signed the version: what it demands is not anybody else's to set. */
    static PolicyOwner of(VerifiedManifest manifest) {
        return new PolicyOwner(manifest.content().ownerId(), manifest.manifest().ownerSpki());
    }

    /**
     * What this owner signed.
     *
     * @throws RefusedException POLICY_MALFORMED, POLICY_NOT_AUTHENTIC
     */
    VerifiedPolicy verify(byte[] envelope) throws RefusedException {
        Dsse signed = decode(envelope);
        try {
            return PolicyDocument.verify(signed, id, spki);
        } catch (SealedFormatException e) {
            throw new RefusedException(
                    Reason.POLICY_NOT_AUTHENTIC,
                    "policy document: "
                            + e.getMessage()
                            + "; it must be signed by the owner root "
                            + id,
                    e);
        }
    }

    private static Dsse decode(byte[] envelope) throws RefusedException {
        try {
            return Dsse.decode(envelope);
        } catch (SealedFormatException e) {
            throw new RefusedException(
                    Reason.POLICY_MALFORMED, "policy document: " + e.getMessage(), e);
        }
    }
}
