package dev.strongroom.client;

import dev.strongroom.client.RevisionFile.Revision;
import dev.strongroom.crypto.format.PolicyDocument;
import java.io.IOException;

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
     * Remembers a revision before anybody else has its signature.
     *
     * @throws ClientException of kind CONFLICT when another one of this number or a later one was
     *     signed meanwhile
     */
    void sign(PolicyDocument next) throws ClientException, IOException {
        signed.sign(
                name(next),
                new Revision(next.seq(), next.digest()),
                "set it again, approvals too: strongroom policy set " + next.scope());
    }

    private static String name(PolicyDocument policy) {
        return policy.scope() + "/" + Policies.name(policy.kind()) + "/" + policy.id();
    }
}
