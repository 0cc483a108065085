package dev.strongroom.vault.release;

import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditProof;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.publish.InForce;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;

/** Proves a decision under a checkpoint that the witnesses know whom the owner demands. */
final class WitnessDemand {
    private WitnessDemand() {}

    /**
     * The proof that a node will ask for.
     *
     * @throws RefusedException WITNESSES_MISSING, TOKEN_UNAVAILABLE
     */
    static AuditProof prove(AuditLog log, AuditReceipt receipt, InForce policies)
            throws RefusedException {
        return log.prove(receipt.leafIndex(), demanded(policies));
    }

    private static WitnessQuorum demanded(InForce policies) throws RefusedException {
        try {
            return WitnessQuorum.of(policies.release());
        } catch (SealedFormatException e) {
            throw new RefusedException(
                    Reason.WITNESSES_MISSING, "the owner's release policy: " + e.getMessage(), e);
        }
    }
}
