package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.policy.ApproverSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The last revisions of one policy: each signed by the owner, each following the one before, each
 * approved by everybody it takes. Only {@link #verify} makes one.
 *
 * <p>Immutable and thread-safe.
 */
public final class PolicyChain {
    /** How many revisions before the one in force are shown; at one a month, five years. */
    public static final int MAX_BEFORE = 64;

    /**
     * One revision as it is stored and sent.
     *
     * @param envelope the owner's signed bytes
     * @param approvals {@link Approvals}; empty when nobody had to agree
     */
    public record Revision(byte[] envelope, byte[] approvals) {}

    private final List<VerifiedPolicy> policies;

    private PolicyChain(List<VerifiedPolicy> policies) {
        this.policies = List.copyOf(policies);
    }

    /**
     * Checks signatures, order and approvals. When approvals were given is not judged here: whoever
     * put the revision in force did.
     *
     * @param revisions oldest first, the one in force last; from the first of all or the {@link
     *     #MAX_BEFORE}th before the last, so that nobody hides what a revision had to obey
     * @param ownerId whom to believe
     * @param ownerSpki the key whose SHA-256 is the owner id
     */
    public static PolicyChain verify(List<Revision> revisions, Digest ownerId, byte[] ownerSpki)
            throws SealedFormatException {
        if (revisions.isEmpty() || revisions.size() > MAX_BEFORE + 1) {
            throw new SealedFormatException(
                    "policy: expected 1 to " + (MAX_BEFORE + 1) + " revisions");
        }
        var policies = new ArrayList<VerifiedPolicy>();
        for (Revision revision : revisions) {
            VerifiedPolicy policy =
                    PolicyDocument.verify(Dsse.decode(revision.envelope()), ownerId, ownerSpki);
            Optional<VerifiedPolicy> before =
                    policies.isEmpty() ? Optional.empty() : Optional.of(policies.getLast());
            requireFollows(policy, before);
            requireApproved(revision, policy, before, ownerId);
            policies.add(policy);
        }
        requireWhole(policies);
        return new PolicyChain(policies);
    }

    private static void requireFollows(VerifiedPolicy policy, Optional<VerifiedPolicy> before)
            throws SealedFormatException {
        Optional<String> objection = before.flatMap(policy.document()::objectionAfter);
        if (objection.isPresent()) {
            throw new SealedFormatException(objection.get());
        }
    }

    private static void requireApproved(
            Revision revision, VerifiedPolicy policy, Optional<VerifiedPolicy> before, Digest owner)
            throws SealedFormatException {
        PolicyDocument document = policy.document();
        List<ApproverSet> demands =
                PolicyApproval.demands(before.map(VerifiedPolicy::document), document);
        if (demands.isEmpty()) {
            return;
        }
        if (revision.approvals().length == 0) {
            throw new SealedFormatException(
                    "policy revision " + document.seq() + ": it needs approvals and has none");
        }
        VerifiedApprovals approvals = Approvals.decode(revision.approvals()).verify();
        if (!approvals.request().requester().equals(owner)) {
            throw new SealedFormatException(
                    "policy revision " + document.seq() + ": expected a request by its owner");
        }
        for (ApproverSet demand : demands) {
            Optional<String> objection = approvals.objection(Change.of(document), demand);
            if (objection.isPresent()) {
                throw new SealedFormatException(
                        "policy revision " + document.seq() + ": " + objection.get());
            }
        }
    }

    private static void requireWhole(List<VerifiedPolicy> policies) throws SealedFormatException {
        if (policies.getFirst().document().previous().isPresent()
                && policies.size() <= MAX_BEFORE) {
            throw new SealedFormatException(
                    "policy: expected its revisions from the first on or the last %d, got %d of them"
                            .formatted(MAX_BEFORE + 1, policies.size()));
        }
    }

    /** All that were given, oldest first. */
    public List<VerifiedPolicy> revisions() {
        return policies;
    }

    /** The last one. */
    public VerifiedPolicy inForce() {
        return policies.getLast();
    }

    /** True when this very revision is one of these. */
    public boolean contains(long seq, Digest digest) {
        return policies.stream()
                .anyMatch(policy ->
                        policy.reference().seq() == seq
                                && policy.reference().digest().equals(digest));
    }
}
