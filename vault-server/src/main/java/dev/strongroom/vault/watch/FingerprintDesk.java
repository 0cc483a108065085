package dev.strongroom.vault.watch;

import dev.strongroom.attestation.Digest;
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
import java.util.HexFormat;

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
        String bootId = HexFormat.of().formatHex(said.bootId());
        LeaseHistory.Held held = requireHeld(caller, bootId);
        requireSame(held, said, model, tlsSpki);
        if (held.mark().isPresent()) {
            return requireRepeated(held.mark().get(), said);
        }
        return log.<RefusedException>appendSigned(
                        _ -> {
                            if (requireHeld(caller, bootId).mark().isPresent()) {
                                throw refused("this boot commits already");
                            }
                            return describe(caller, said, bootId, envelope);
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

    private LeaseHistory.Held requireHeld(Principal caller, String bootId) throws RefusedException {
        return log.leases()
                .find(bootId)
                .filter(held -> held.facts().node().equals(caller.uri()))
                .filter(held -> held.inForce(clock.instant()))
                .orElseThrow(() ->
                        new RefusedException(
                                Reason.LEASE_NOT_FOUND,
                                "no lease in force of this boot was given to " + caller.uri()));
    }

    private static void requireSame(
            LeaseHistory.Held held, FingerprintCommitment said, ModelName model, byte[] tlsSpki)
            throws RefusedException {
        boolean same =
                held.tlsKey().equals(Digest.sha256(tlsSpki))
                        && said.model().equals(model)
                        && held.facts().model().equals(model)
                        && said.versionId().hex().equals(held.fields().get("version-id"))
                        && said.manifestDigest().hex().equals(held.fields().get("manifest"))
                        && said.releaseLeaf() == held.releaseLeaf();
        if (!same) {
            throw refused("it is not of the lease that this boot was given");
        }
    }

    private static Decision describe(
            Principal caller, FingerprintCommitment said, String bootId, byte[] envelope) {
        return Decision.of(
                        AuditRecord.NODE_FINGERPRINTED, caller.uri(), said.model().tenant().value())
                .with("model", said.model())
                .with("version-id", said.versionId())
                .with("boot-id", bootId)
                .with("release", said.releaseLeaf())
                .with("commitment", said.commitment())
                .with("statement", Base64.getEncoder().encodeToString(envelope));
    }

    private static RefusedException refused(String why) {
        return new RefusedException(Reason.FINGERPRINT_REFUSED, "fingerprint: " + why);
    }
}
