package dev.strongroom.vault.watch;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.Zeroisation;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.LeaseHistory;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Takes nodes' statements that they have overwritten what they held open into the log, as they
 * signed them. Once for each boot; again is answered with the first one's leaf.
 *
 * <p>Thread-safe.
 */
public final class ZeroisationDesk {
    private final AuditLog log;

    public ZeroisationDesk(AuditLog log) {
        this.log = log;
    }

    /**
     * Records a statement that the key of the boot's release signed.
     *
     * @param model that the request names, and the statement must
     * @return its leaf
     * @throws RefusedException ZEROISATION_REFUSED, LEASE_NOT_FOUND
     */
    public long report(Principal caller, ModelName model, byte[] envelope, byte[] tlsSpki)
            throws RefusedException {
        Zeroisation said = verify(envelope, tlsSpki);
        String bootId = HexFormat.of().formatHex(said.bootId());
        LeaseHistory.Held held = requireHeld(caller, bootId);
        requireSame(held, said, model, tlsSpki);
        if (held.zeroised().isPresent()) {
            return held.zeroised().get();
        }
        return log.<RefusedException>appendSigned(
                        _ -> {
                            if (requireHeld(caller, bootId).zeroised().isPresent()) {
                                throw refused("this boot reports already");
                            }
                            return describe(caller, said, bootId, envelope);
                        })
                .leafIndex();
    }

    private static Zeroisation verify(byte[] envelope, byte[] tlsSpki) throws RefusedException {
        try {
            return Zeroisation.verify(Dsse.decode(envelope), tlsSpki);
        } catch (SealedFormatException e) {
            throw refused(String.valueOf(e.getMessage()));
        }
    }

    private LeaseHistory.Held requireHeld(Principal caller, String bootId) throws RefusedException {
        return log.leases()
                .find(bootId)
                .filter(held -> held.facts().node().equals(caller.uri()))
                .orElseThrow(() ->
                        new RefusedException(
                                Reason.LEASE_NOT_FOUND,
                                "no lease of this boot was given to " + caller.uri()));
    }

    private static void requireSame(
            LeaseHistory.Held held, Zeroisation said, ModelName model, byte[] tlsSpki)
            throws RefusedException {
        boolean same =
                held.tlsKey().equals(Digest.sha256(tlsSpki))
                        && said.model().equals(model)
                        && held.facts().model().equals(model)
                        && said.versionId().hex().equals(held.fields().get("version-id"))
                        && said.manifestDigest().hex().equals(held.fields().get("manifest"))
                        && said.releaseLeaf() == held.releaseLeaf()
                        && said.seq() <= held.seq();
        if (!same) {
            throw refused("it is not of the lease that this boot was given");
        }
    }

    private static Decision describe(
            Principal caller, Zeroisation said, String bootId, byte[] envelope) {
        return Decision.of(AuditRecord.NODE_ZEROISED, caller.uri(), said.model().tenant().value())
                .with("model", said.model())
                .with("version-id", said.versionId())
                .with("boot-id", bootId)
                .with("lease-seq", said.seq())
                .with("release", said.releaseLeaf())
                .with("rule", said.rule())
                .with("inferences", said.inferences())
                .with("wiped-bytes", said.wipedBytes())
                .with("remains", said.remains().size())
                .with("statement", Base64.getEncoder().encodeToString(envelope));
    }

    private static RefusedException refused(String why) {
        return new RefusedException(Reason.ZEROISATION_REFUSED, "zeroisation statement: " + why);
    }
}
