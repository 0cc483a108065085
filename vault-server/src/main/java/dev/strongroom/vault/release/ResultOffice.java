package dev.strongroom.vault.release;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.NodeOwners;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustVector;
import dev.strongroom.crypto.format.AttestationResult;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.ReleaseRecord;
import dev.strongroom.crypto.format.ResultToken;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.access.Pace;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.LeaseHistory;
import dev.strongroom.vault.ownkeys.OwnKeys;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;

/**
 * Signs what the vault concluded of a node's evidence, as the record of its lease says: with each
 * lease, and for whoever asks about a lease that is in force.
 *
 * <p>Thread-safe.
 */
public final class ResultOffice {
    private static final int TOKENS_A_MINUTE = 60;
    private static final String HARDWARE = "ar4si.hardware";
    private static final String EXECUTABLES = "ar4si.executables";
    private static final String CONFIGURATION = "ar4si.configuration";

    private final AuditLog log;
    private final OwnKeys ownKeys;
    private final InstantSource clock;
    private final Pace pace;

    public ResultOffice(AuditLog log, OwnKeys ownKeys, InstantSource clock) {
        this.log = log;
        this.ownKeys = ownKeys;
        this.clock = clock;
        this.pace = new Pace("result tokens", TOKENS_A_MINUTE, Duration.ofMinutes(1), clock);
    }

    /** What is written down of an appraisal. */
    static Decision describe(Decision decision, TrustVector vector) {
        return decision.with(HARDWARE, vector.hardware())
                .with(EXECUTABLES, vector.executables())
                .with(CONFIGURATION, vector.configuration());
    }

    /**
     * What the vault thinks of a boot that holds a lease.
     *
     * @param model the boot's, whose tenant the caller is of
     * @throws RefusedException LEASE_NOT_FOUND if none of its leases is in force,
     *     TOO_MANY_REQUESTS, TOKEN_UNAVAILABLE
     */
    public String token(Principal caller, ModelName model, byte[] bootId) throws RefusedException {
        pace.step(caller.uri());
        LeaseHistory.Held held =
                log.views()
                        .leases()
                        .find(HexFormat.of().formatHex(bootId))
                        .filter(found -> found.facts().model().equals(model))
                        .filter(found -> found.inForce(clock.instant()))
                        .orElseThrow(() ->
                                new RefusedException(
                                        Reason.LEASE_NOT_FOUND,
                                        "no lease of this boot for " + model + " is in force"));
        return token(held.fields(), held.leaf());
    }

    /**
     * The token of one lease.
     *
     * @param fields of its record
     * @param leaf of that record
     */
    String token(Map<String, String> fields, long leaf) throws RefusedException {
        try {
            return ResultToken.sign(result(fields, leaf), ownKeys.envelope(), ownKeys.signing());
        } catch (SignatureException e) {
            throw new RefusedException(
                    Reason.TOKEN_UNAVAILABLE,
                    "the token did not sign the attestation result; ask again",
                    e);
        }
    }

    private AttestationResult result(Map<String, String> fields, long leaf) {
        HexFormat hex = HexFormat.of();
        Instant now = clock.instant();
        Instant leaseEnd = Instant.ofEpochMilli(number(fields, ReleaseRecord.NOT_AFTER));
        Instant end = now.plus(ResultToken.MAX_VALIDITY);
        return new AttestationResult(
                ownKeys.origin(),
                now,
                end.isBefore(leaseEnd) ? end : leaseEnd,
                hex.parseHex(text(fields, "nonce")),
                new TrustVector(
                        (int) number(fields, HARDWARE),
                        (int) number(fields, EXECUTABLES),
                        (int) number(fields, CONFIGURATION)),
                ModelName.parse(text(fields, "model")),
                number(fields, "number"),
                VersionId.of(hex.parseHex(text(fields, "version-id"))),
                new Digest(text(fields, "manifest")),
                owners(fields),
                new Digest(text(fields, "release-policy")),
                new Digest(text(fields, "output-policy")),
                Tee.ofLabel(text(fields, "tee")),
                new Digest(text(fields, "attestation-root")),
                hex.parseHex(text(fields, "boot-id")),
                new Digest(text(fields, "tls-key")),
                new Digest(text(fields, "evidence")),
                number(fields, "lease-seq"),
                leaf);
    }

    private static NodeOwners owners(Map<String, String> fields) {
        try {
            return ReleaseRecord.owners(fields, new Digest(text(fields, "owner")));
        } catch (SealedFormatException e) {
            throw new IllegalStateException("our own record of a lease", e);
        }
    }

    private static String text(Map<String, String> fields, String name) {
        return fields.getOrDefault(name, "");
    }

    private static long number(Map<String, String> fields, String name) {
        return Long.parseLong(text(fields, name));
    }
}
