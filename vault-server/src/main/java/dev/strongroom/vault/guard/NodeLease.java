package dev.strongroom.vault.guard;

import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.LeaseHistory.Held;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.InstantSource;
import java.util.HexFormat;

/**
 * The lease that a node speaks under: what guards ask for and leave is for nodes that serve.
 *
 * @param bootId of the node's process
 */
public record NodeLease(Principal node, ModelName model, byte[] bootId) {
    /**
     * Refuses a node that holds no lease on the model now.
     *
     * @throws RefusedException LEASE_NOT_FOUND
     */
    public Held require(AuditLog log, InstantSource clock) throws RefusedException {
        return log.views()
                .leases()
                .find(HexFormat.of().formatHex(bootId))
                .filter(held -> held.facts().node().equals(node.uri()))
                .filter(held -> held.facts().model().equals(model))
                .filter(held -> held.inForce(clock.instant()))
                .orElseThrow(() -> none("on " + model));
    }

    /** Refuses one that holds none on this version. */
    void require(AuditLog log, InstantSource clock, VersionId version) throws RefusedException {
        if (!version.hex().equals(require(log, clock).fields().get("version-id"))) {
            throw none("on version " + version + " of " + model);
        }
    }

    private RefusedException none(String what) {
        return new RefusedException(
                Reason.LEASE_NOT_FOUND, "no lease of this boot " + what + " is in force");
    }
}
