package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.policy.ApproverSet;
import java.time.Instant;
import java.util.Collections;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A request and who approved it, every signature checked. Only {@link Approvals#verify} makes one.
 *
 * <p>Immutable and thread-safe.
 */
public final class VerifiedApprovals {
    private final ApprovalRequest request;
    private final NavigableSet<Digest> approvers;

    VerifiedApprovals(ApprovalRequest request, NavigableSet<Digest> approvers) {
        this.request = request;
        this.approvers = Collections.unmodifiableNavigableSet(new TreeSet<>(approvers));
    }

    public ApprovalRequest request() {
        return request;
    }

    /** Everybody who approved, members of any set or not; the requester never. */
    public NavigableSet<Digest> approvers() {
        return approvers;
    }

    /**
     * Why the change is not approved; empty when it is. Time is not judged here: what was approved
     * in time stays approved.
     *
     * @param change what is about to be done
     * @param demand who must have agreed
     */
    public Optional<String> objection(Change change, ApproverSet demand) {
        if (!request.change().equals(change)) {
            return Optional.of(
                    "the approvals are for " + request.change() + " or another document of it");
        }
        long agreed = approvers.stream().filter(demand.approvers()::contains).count();
        return agreed >= demand.threshold()
                ? Optional.empty()
                : Optional.of(
                        "expected %d of %d approvers, got %d"
                                .formatted(demand.threshold(), demand.approvers().size(), agreed));
    }

    /** {@link #objection(Change, ApproverSet)} for a change that is about to be made. */
    public Optional<String> objection(Change change, ApproverSet demand, Instant now) {
        return now.isBefore(request.notAfter())
                ? objection(change, demand)
                : Optional.of("the request ended at " + request.notAfter());
    }
}
