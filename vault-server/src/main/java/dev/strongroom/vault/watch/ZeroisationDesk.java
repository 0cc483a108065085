package dev.strongroom.vault.watch;

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
        var of =
                new BootStatement(
                        said.bootId(),
                        said.model(),
                        said.versionId(),
                        said.manifestDigest(),
                        said.releaseLeaf(),
                        Reason.ZEROISATION_REFUSED);
        LeaseHistory.Held held = of.requireHeld(log, caller);
        of.requireOf(held, model, tlsSpki);
        if (said.seq() > held.seq()) {
            throw refused("it names a lease that this boot was not given");
        }
        if (held.zeroised().isPresent()) {
            return held.zeroised().get();
        }
        return log.<RefusedException>appendSigned(
                        _ -> {
                            if (of.requireHeld(log, caller).zeroised().isPresent()) {
                                throw refused("this boot reports already");
                            }
                            return describe(caller, said, of.bootHex(), envelope);
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
