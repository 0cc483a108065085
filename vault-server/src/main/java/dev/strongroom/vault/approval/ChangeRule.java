package dev.strongroom.vault.approval;

import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.crypto.format.ApprovalRequest;
import dev.strongroom.vault.refusal.RefusedException;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Says of one kind of change who must agree to it, and whether it may be asked for at all. */
@FunctionalInterface
public interface ChangeRule {
    /**
     * Judges a request and its document as things are now.
     *
     * @param handle of a write transaction: only there tables and log are sure to agree
     * @param document its digest is the request's
     * @return every one of these sets must agree; at least one
     * @throws RefusedException when the document does not say what the request says, when it could
     *     not be done, or when the requester may not ask for it
     */
    List<ApproverSet> demands(Handle handle, ApprovalRequest request, byte[] document)
            throws RefusedException;
}
