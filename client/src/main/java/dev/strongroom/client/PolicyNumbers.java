package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.policy.ApproverSet;
import dev.strongroom.client.RevisionFile.Revision;
import dev.strongroom.crypto.format.PolicyApproval;
import dev.strongroom.crypto.format.PolicyDocument;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Numbers the revisions of an owner's policies, so that none is signed twice whatever a vault
 * answers or shows. Thread-safe, also between processes.
 */
final class PolicyNumbers {
    private final PolicyMemory seen;
    private final SignedRevisions signed;

    PolicyNumbers(Profile profile) throws IOException {
        this.seen = new PolicyMemory(profile);
        this.signed = new SignedRevisions(profile, "policies-signed", "revisions of policies");
    }

    /**
     * The revision to sign next: the draft with a number above that of every revision of its policy
     * that was signed here. The same rules are signed again under the next number, since their end
     * is another one.
     *
     * @param draft follows the revision that the vault shows, if any
     * @throws ClientException of kind VERIFICATION_FAILED when one was in force before and none is
     *     shown now
     */
    PolicyDocument next(PolicyDocument draft) throws ClientException, IOException {
        Checks.require(
                draft.previous().isPresent() || !seen.hasSeen(draft.id()),
                "the %s policy of %s was seen before and is not shown any more"
                        .formatted(Policies.name(draft.kind()), draft.scope()),
                "the vault shows an earlier state: compare with the log, strongroom audit list");
        Revision last = signed.last().get(name(draft));
        return last == null || last.seq() < draft.seq() ? draft : draft.numbered(last.seq() + 1);
    }

    /**
     * Refuses a revision that is free of the approvers whom the last one that was signed here
     * names: a vault that kept that one and shows none, or an earlier one, would have another to
     * choose that they never agreed to. Where a later one than that is shown, it is out of play.
     *
     * @param next as {@link #next} numbered it
     * @param demands who has to agree to it, by what the vault shows
     * @throws ClientException of kind VERIFICATION_FAILED when they are not among those
     */
    void requireApproversKept(PolicyDocument next, List<ApproverSet> demands)
            throws ClientException, IOException {
        Optional<Digest> named =
                signed.bound(name(next))
                        .filter(last -> last.seq() + 1 == next.seq())
                        .map(Revision::digest);
        Checks.require(
                named.isEmpty()
                        || demands.stream()
                                .map(PolicyNumbers::digest)
                                .anyMatch(named.get()::equals),
                "the last %s policy of %s that was signed here names approvers, and the vault shows another one or none"
                        .formatted(Policies.name(next.kind()), next.scope()),
                "the vault may have kept it: name the same approvers, and once that revision is"
                        + " shown, set the one without them");
    }

    /**
     * Remembers a revision before anybody else has its signature.
     *
     * @throws ClientException of kind CONFLICT when another one of this number or a later one was
     *     signed meanwhile
     */
    void sign(PolicyDocument next) throws ClientException, IOException {
        signed.sign(
                name(next),
                new Revision(next.seq(), next.digest()),
                named(next).map(PolicyNumbers::digest),
                "set it again, approvals too: strongroom policy set " + next.scope());
    }

    /** Whom a revision names itself: they would have to agree to it if nothing was before. */
    private static Optional<ApproverSet> named(PolicyDocument policy) throws ClientException {
        return Checks.verified(
                        "the policy to sign",
                        "strongroom policy set " + policy.scope(),
                        () -> PolicyApproval.demands(Optional.empty(), policy))
                .stream()
                .findFirst();
    }

    private static Digest digest(ApproverSet approvers) {
        return Digest.sha256(approvers.canonical().getBytes(StandardCharsets.UTF_8));
    }

    private static String name(PolicyDocument policy) {
        return policy.scope() + "/" + Policies.name(policy.kind()) + "/" + policy.id();
    }
}
