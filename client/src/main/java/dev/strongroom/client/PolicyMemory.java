package dev.strongroom.client;

import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.client.RevisionFile.Revision;
import dev.strongroom.crypto.format.PolicyChain;
import dev.strongroom.crypto.format.VerifiedPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Remembers the highest revision of each policy that was seen, so that a withdrawn policy cannot be
 * played back. Thread-safe, also between processes.
 */
final class PolicyMemory {
    private final Path folder;
    private final RevisionFile file;

    PolicyMemory(Profile profile) throws IOException {
        this.folder = profile.stateFolder();
        this.file = new RevisionFile(folder.resolve("policies"), "which policies were withdrawn");
    }

    /**
     * Remembers the last of these revisions, or refuses ones that do not go on from the revision
     * that was seen before.
     */
    void accept(PolicyChain chain) throws ClientException, IOException {
        PolicyReference now = chain.inForce().reference();
        Revision known = file.read().get(now.id());
        Checks.require(
                known == null
                        || known.seq() >= now.seq()
                        || chain.contains(known.seq(), known.digest()),
                "policy "
                        + now.id()
                        + " does not follow from the revision that was seen before, or more than "
                        + PolicyChain.MAX_BEFORE
                        + " revisions were missed",
                "ask the model's owner which revision is in force: strongroom policy show MODEL");
        accept(chain.inForce());
    }

    /** Remembers a policy whose signature has been verified, or refuses an older revision. */
    void accept(VerifiedPolicy policy) throws ClientException, IOException {
        PolicyReference seen = policy.reference();
        try (var _ = StateLock.hold(folder)) {
            Map<String, Revision> revisions = file.read();
            Revision known = revisions.get(seen.id());
            if (known != null) {
                requireNotOlder(seen, known);
            }
            revisions.put(seen.id(), new Revision(seen.seq(), seen.digest()));
            file.write(revisions);
        }
    }

    /** True when a revision of this policy was in force at any time that it was looked at. */
    boolean hasSeen(String id) throws ClientException, IOException {
        return file.read().containsKey(id);
    }

    private static void requireNotOlder(PolicyReference seen, Revision known)
            throws ClientException {
        boolean same = seen.seq() == known.seq() && seen.digest().equals(known.digest());
        Checks.require(
                seen.seq() > known.seq() || same,
                "policy "
                        + seen.id()
                        + " is shown at revision "
                        + seen.seq()
                        + ", but another one of revision "
                        + known.seq()
                        + " was seen before",
                "ask the model's owner which revision is in force: strongroom policy show MODEL");
    }
}
