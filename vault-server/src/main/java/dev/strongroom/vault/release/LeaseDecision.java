package dev.strongroom.vault.release;

import dev.strongroom.attestation.Digest;
import dev.strongroom.vault.audit.AuditProof;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.refusal.Reason;
import java.security.cert.X509Certificate;
import java.util.List;

/** What came of a request for a lease. Each outcome takes the log's receipt: none is unlogged. */
public sealed interface LeaseDecision {
    /**
     * What every lease comes with.
     *
     * @param lease DSSE envelope by the vault's signing key
     * @param resultToken what the vault thinks of the node: {@code ResultToken}
     * @param proof of the lease's leaf
     * @param consistency from the checkpoint that the node saw last
     * @param tlsChain certificate of the attested TLS key and the CA
     */
    record Granted(
            AuditReceipt receipt,
            byte[] lease,
            String resultToken,
            AuditProof proof,
            List<Digest> consistency,
            List<X509Certificate> tlsChain) {
        public Granted {
            consistency = List.copyOf(consistency);
            tlsChain = List.copyOf(tlsChain);
        }
    }

    /**
     * The data key goes to the attested node.
     *
     * @param wrappedKey the data key, wrapped to the attested KEM key
     */
    record Released(Granted granted, byte[] wrappedKey) implements LeaseDecision {}

    /** The node may go on with the key it has. */
    record Renewed(Granted granted) implements LeaseDecision {}

    /**
     * It gets none.
     *
     * @param reason of a release or of a renewal
     * @param rule stable name of the rule that refused
     * @param why what was expected
     */
    record Refused(AuditReceipt receipt, Reason reason, String rule, String why)
            implements LeaseDecision {}
}
