package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.crypto.format.PolicyChain;
import dev.strongroom.crypto.format.VerifiedPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Remembers the highest revision of each policy that was seen, so that a withdrawn policy cannot be
 * played back. Thread-safe, also between processes.
 */
final class PolicyMemory {
    private static final int MAX_FILE_BYTES = 1 << 20; // 130 bytes a policy

    private final Path folder;
    private final Path file;

    PolicyMemory(Profile profile) throws IOException {
        this.folder = profile.stateFolder();
        this.file = folder.resolve("policies");
    }

    /**
     * Remembers the last of these revisions, or refuses ones that do not go on from the revision
     * that was seen before.
     */
    void accept(PolicyChain chain) throws ClientException, IOException {
        PolicyReference now = chain.inForce().reference();
        Revision known = read().get(now.id());
        Checks.require(
                known == null || known.seq >= now.seq() || chain.contains(known.seq, known.digest),
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
            Map<String, Revision> revisions = read();
            Revision known = revisions.get(seen.id());
            if (known != null) {
                requireNotOlder(seen, known);
            }
            revisions.put(seen.id(), new Revision(seen.seq(), seen.digest()));
            write(revisions);
        }
    }

    private record Revision(long seq, Digest digest) {}

    private static void requireNotOlder(PolicyReference seen, Revision known)
            throws ClientException {
        boolean same = seen.seq() == known.seq && seen.digest().equals(known.digest);
        Checks.require(
                seen.seq() > known.seq || same,
                "policy "
                        + seen.id()
                        + " is shown at revision "
                        + seen.seq()
                        + ", but another one of revision "
                        + known.seq
                        + " was seen before",
                "ask the model's owner which revision is in force: strongroom policy show MODEL");
    }

    private Map<String, Revision> read() throws ClientException, IOException {
        var revisions = new TreeMap<String, Revision>();
        if (!Files.exists(file)) {
            return revisions;
        }
        if (Files.size(file) > MAX_FILE_BYTES) {
            throw damaged();
        }
        for (String line : Files.readAllLines(file)) {
            if (!line.matches("[0-9a-f]{32} [1-9][0-9]{0,17} [0-9a-f]{64}")) {
                throw damaged();
            }
            int digest = line.lastIndexOf(' ');
            revisions.put(
                    line.substring(0, 32),
                    new Revision(
                            Long.parseLong(line.substring(33, digest)),
                            new Digest(line.substring(digest + 1))));
        }
        return revisions;
    }

    private void write(Map<String, Revision> revisions) throws IOException {
        var text = new StringBuilder();
        revisions.forEach((id, revision) ->
                text.append(id)
                        .append(' ')
                        .append(revision.seq)
                        .append(' ')
                        .append(revision.digest)
                        .append('\n'));
        LocalFiles.replace(file, text.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private ClientException damaged() {
        return ClientException.local(
                file + " is damaged",
                "restore it from a backup; deleting it forgets which policies were withdrawn");
    }
}
