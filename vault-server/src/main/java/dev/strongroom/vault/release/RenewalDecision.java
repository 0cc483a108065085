package dev.strongroom.vault.release;

import dev.strongroom.attestation.Digest;
import dev.strongroom.vault.audit.AuditProof;
import dev.strongroom.vault.audit.AuditReceipt;
import java.security.cert.X509Certificate;
import java.util.List;

/** The answer to a renewal. Both outcomes take the receipt of the log: none is unlogged. */
public sealed interface RenewalDecision {
    AuditReceipt receipt();

    /**
     * The node may go on.
     *
     * @param lease DSSE envelope by the vault's signing key
     * @param proof of the renewal's leaf
     * @param consistency from the checkpoint that the node saw last
     * @param tlsChain certificate of the attested TLS key and the CA
     */
    record Renewed(
            AuditReceipt receipt,
            byte[] lease,
            AuditProof proof,
            List<Digest> consistency,
            List<X509Certificate> tlsChain)
            implements RenewalDecision {
        public Renewed {
            consistency = List.copyOf(consistency);
            tlsChain = List.copyOf(tlsChain);
        }
    }

    /**
     * It stops at its lease's end.
     *
     * @param rule stable name of the rule that refused
     * @param why what was expected
     */
    record Refused(AuditReceipt receipt, String rule, String why) implements RenewalDecision {}
}
