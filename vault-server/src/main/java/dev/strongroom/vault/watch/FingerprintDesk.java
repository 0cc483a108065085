package dev.strongroom.vault.watch;

import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.FingerprintCommitment;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.LeaseHistory;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.InstantSource;
import java.util.Base64;

/**
 * Takes nodes' commitments to the marks of their copies into the log, as they signed them. Once for
 * each boot; the same again is answered with the first one's leaf, another one is refused.
 *
 * <p>Thread-safe.
 */
public final class FingerprintDesk {
    private final AuditLog log;
    private final InstantSource clock;

    public FingerprintDesk(AuditLog log, InstantSource clock) {
        this.log = log;
        this.clock = clock;
    }

    /**
     * Records a commitment that the key of the boot's release signed.
     *
     * @param model that the request names, and the statement must
     * @return its leaf, which a signed checkpoint covers
     * @throws RefusedException FINGERPRINT_REFUSED, LEASE_NOT_FOUND
     */
    public long commit(Principal caller, ModelName model, byte[] envelope, byte[] tlsSpki)
            throws RefusedException {
        FingerprintCommitment said = verify(envelope, tlsSpki);
        var of =
                new BootStatement(
                        said.bootId(),
                        said.model(),
                        said.versionId(),
                        said.manifestDigest(),
                        said.releaseLeaf(),
                        Reason.FINGERPRINT_REFUSED);
        LeaseHistory.Held held = requireInForce(of.requireHeld(log, caller));
        of.requireOf(held, model, tlsSpki);
        if (held.mark().isPresent()) {
            return requireRepeated(held.mark().get(), said);
        }
        return log.<RefusedException>appendSigned(
                        _ -> {
                            var now = requireInForce(of.requireHeld(log, caller));
                            if (now.mark().isPresent()) {
                                throw refused("this boot commits already");
                            }
                            return describe(caller, said, of.bootHex(), envelope, tlsSpki);
                        })
                .leafIndex();
    }

    private static long requireRepeated(LeaseHistory.Mark first, FingerprintCommitment said)
            throws RefusedException {
        if (!first.commitment().equals(said.commitment())) {
            throw refused("this boot committed to another mark, in leaf " + first.leaf());
        }
        return first.leaf();
    }

    private static FingerprintCommitment verify(byte[] envelope, byte[] tlsSpki)
            throws RefusedException {
        try {
            return FingerprintCommitment.verify(Dsse.decode(envelope), tlsSpki);
        } catch (SealedFormatException e) {
            throw refused(String.valueOf(e.getMessage()));
        }
    }

    private LeaseHistory.Held requireInForce(LeaseHistory.Held held) throws RefusedException {
        if (!held.inForce(clock.instant())) {
            throw new RefusedException(Reason.LEASE_NOT_FOUND, "the lease of this boot is over");
        }
        return held;
    }

    private static Decision describe(
            Principal caller,
            FingerprintCommitment said,
            String bootId,
            byte[] envelope,
            byte[] tlsSpki) {
        return Decision.of(
                        AuditRecord.NODE_FINGERPRINTED, caller.uri(), said.model().tenant().value())
                .with("model", said.model())
                .with("version-id", said.versionId())
                .with("boot-id", bootId)
                .with("release", said.releaseLeaf())
                .with("commitment", said.commitment())
                .with("statement", Base64.getEncoder().encodeToString(envelope))
                .with("tls-spki", Base64.getEncoder().encodeToString(tlsSpki));
    }

    private static RefusedException refused(String why) {
        return new RefusedException(Reason.FINGERPRINT_REFUSED, "fingerprint: " + why);
    }
}
