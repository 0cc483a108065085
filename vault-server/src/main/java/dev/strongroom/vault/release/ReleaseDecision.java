package dev.strongroom.vault.release;

import dev.strongroom.attestation.Digest;
import dev.strongroom.vault.audit.AuditProof;
import dev.strongroom.vault.audit.AuditReceipt;
import java.security.cert.X509Certificate;
import java.util.List;

/** What came of a lease request. Both outcomes take the receipt of the log: none is unlogged. */
public sealed interface ReleaseDecision {
    AuditReceipt receipt();

    /**
     * The data key goes to the attested node.
     *
     * @param lease DSSE envelope by the vault's signing key
     * @param wrappedKey the data key, wrapped to the attested KEM key
     * @param proof of the release leaf
     * @param consistency from the checkpoint that the node saw last
     * @param tlsChain certificate of the attested TLS key and the CA
     */
    record Released(
            AuditReceipt receipt,
            byte[] lease,
            byte[] wrappedKey,
            AuditProof proof,
            List<Digest> consistency,
            List<X509Certificate> tlsChain)
            implements ReleaseDecision {
        public Released {
            consistency = List.copyOf(consistency);
            tlsChain = List.copyOf(tlsChain);
        }
    }

    /**
     * It does not.
     *
     * @param rule stable name of the rule that refused
     * @param why what was expected
     */
    record Refused(AuditReceipt receipt, String rule, String why) implements ReleaseDecision {}
}
