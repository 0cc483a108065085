package dev.strongroom.vault.watch;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.LeaseHistory;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.util.HexFormat;

/**
 * What a node says of its own boot and signs with the key that its release names: which lease it
 * must be about to count.
 *
 * @param reason that another boot's or release's statement is refused with
 */
record BootStatement(
        byte[] bootId,
        ModelName model,
        VersionId versionId,
        Digest manifestDigest,
        long releaseLeaf,
        Reason reason) {
    String bootHex() {
        return HexFormat.of().formatHex(bootId);
    }

    /** The last lease of the boot, which was given to this caller. */
    LeaseHistory.Held requireHeld(AuditLog log, Principal caller) throws RefusedException {
        return log.views()
                .leases()
                .find(bootHex())
                .filter(held -> held.facts().node().equals(caller.uri()))
                .orElseThrow(() ->
                        new RefusedException(
                                Reason.LEASE_NOT_FOUND,
                                "no lease of this boot was given to " + caller.uri()));
    }

    /**
     * Refuses what is of another lease than the one held.
     *
     * @param asked the model that the request names
     * @param tlsSpki that the statement's signature was verified with
     */
    void requireOf(LeaseHistory.Held held, ModelName asked, byte[] tlsSpki)
            throws RefusedException {
        boolean same =
                held.tlsKey().equals(Digest.sha256(tlsSpki))
                        && model.equals(asked)
                        && held.facts().model().equals(asked)
                        && versionId.hex().equals(held.fields().get("version-id"))
                        && manifestDigest.hex().equals(held.fields().get("manifest"))
                        && releaseLeaf == held.releaseLeaf();
        if (!same) {
            throw new RefusedException(
                    reason, "statement: it is not of the lease that this boot was given");
        }
    }
}
