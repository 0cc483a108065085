package dev.strongroom.vault.release;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.vault.access.FailureLimit;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.Instant;
import java.util.Optional;

/**
 * Answers requests for a lease: evidence in, a lease or a refusal out. The order is fixed:
 *
 * <ol>
 *   <li>the nonce must be one that this caller was given and has not used;
 *   <li>{@link Appraiser} judges the request under the policies in force;
 *   <li>{@link ReleaseDesk} or {@link RenewalDesk} writes the decision down, together with the use
 *       of the nonce, and only then acts on it;
 *   <li>a refusal is written down just the same.
 * </ol>
 *
 * <p>Thread-safe.
 */
public final class LeaseDesk {
    private final AuditLog log;
    private final Challenges challenges;
    private final Appraiser appraiser;
    private final ReleaseDesk releases;
    private final RenewalDesk renewals;
    private final FailureLimit refusals;

    public LeaseDesk(
            AuditLog log,
            Challenges challenges,
            Appraiser appraiser,
            ReleaseDesk releases,
            RenewalDesk renewals,
            FailureLimit refusals) {
        this.log = log;
        this.challenges = challenges;
        this.appraiser = appraiser;
        this.releases = releases;
        this.renewals = renewals;
        this.refusals = refusals;
    }

    /** A nonce for the caller's next request. */
    public Challenges.Issued challenge(Principal caller) throws RefusedException {
        return challenges.issue(caller);
    }

    /**
     * Decides a request. The nonce is used up whatever the decision, if it is the caller's.
     *
     * @throws RefusedException TOO_MANY_FAILURES, LOG_SHORTER, WITNESSES_MISSING,
     *     TOKEN_UNAVAILABLE: no decision
     */
    public LeaseDecision decide(Principal caller, NodeRequest request)
            throws RefusedException, CustodyException {
        refusals.check(limited(caller, request));
        requireLogAsLongAsSeen(request);
        Optional<Instant> nonceNotAfter = challenges.find(caller, request.nonce());
        if (nonceNotAfter.isEmpty()) {
            return refuse(caller, request, challenges.objectionTo(request.nonce()));
        }
        try {
            return switch (appraiser.appraise(request, nonceNotAfter.get())) {
                case Appraisal.Objection objection -> refuse(caller, request, objection);
                case Appraisal.Releasable release -> releases.release(caller, release);
                case Appraisal.Renewable renewal -> renewals.renew(caller, renewal);
            };
        } catch (Overtaken e) {
            return refuse(caller, request, e.objection());
        }
    }

    /** A log that is shorter than the node remembers was rolled back; it releases nothing. */
    private void requireLogAsLongAsSeen(NodeRequest request) throws RefusedException {
        log.consistency(request.lastCheckpointSize(), log.size());
    }

    private LeaseDecision.Refused refuse(
            Principal caller, NodeRequest request, Appraisal.Objection objection) {
        // Who guesses or overhears another's nonce does not use it up for him.
        boolean own = challenges.find(caller, request.nonce()).isPresent();
        AuditReceipt receipt =
                log.append(handle -> {
                    if (own) {
                        challenges.consume(handle, request.nonce());
                    }
                    return ResultOffice.describe(
                                    LeaseOffice.describe(refused(request), caller, request),
                                    objection.vector())
                            .with("rule", objection.rule());
                });
        if (own) {
            challenges.forget(request.nonce());
        }
        refusals.failed(limited(caller, request));
        return new LeaseDecision.Refused(
                receipt, reason(request), objection.rule(), objection.why());
    }

    /** Releases that are refused hold up no renewal. */
    private static String limited(Principal caller, NodeRequest request) {
        return refused(request) + " " + caller.uri();
    }

    private static String refused(NodeRequest request) {
        return switch (request) {
            case LeaseRequest _ -> AuditRecord.RELEASE_REFUSED;
            case RenewalRequest _ -> AuditRecord.RENEWAL_REFUSED;
        };
    }

    private static Reason reason(NodeRequest request) {
        return switch (request) {
            case LeaseRequest _ -> Reason.RELEASE_REFUSED;
            case RenewalRequest _ -> Reason.RENEWAL_REFUSED;
        };
    }
}
