package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.client.RevisionFile.Revision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The last revision that was signed here of each of some things that their owner numbers, so that
 * no number is signed twice: a vault can keep a revision and say that it has none, and would choose
 * between it and another one of its number. Thread-safe, also between processes.
 */
final class SignedRevisions {
    private static final String BOUND = "/binds"; // no name of a revision ends so

    private final Path folder;
    private final RevisionFile file;

    /**
     * @param what revisions were signed, in a few words, for messages
     */
    SignedRevisions(Profile profile, String fileName, String what) throws IOException {
        this.folder = profile.stateFolder();
        this.file = new RevisionFile(folder.resolve(fileName), "which " + what + " were signed");
    }

    /** All of them, by name. */
    Map<String, Revision> last() throws ClientException, IOException {
        return file.read();
    }

    /** The number of the last revision of that name and what it binds the next to, if it does. */
    Optional<Revision> bound(String name) throws ClientException, IOException {
        return Optional.ofNullable(file.read().get(name + BOUND));
    }

    /**
     * Remembers a revision before anybody else has its signature.
     *
     * @param binds what it binds the next revision to, if it does
     * @param next what to do when another one was signed meanwhile
     * @throws ClientException of kind CONFLICT when another one of this number or a later one was
     *     signed meanwhile
     */
    void sign(String name, Revision now, Optional<Digest> binds, String next)
            throws ClientException, IOException {
        try (var _ = StateLock.hold(folder)) {
            Map<String, Revision> known = file.read();
            Revision last = known.get(name);
            if (last != null && last.seq() >= now.seq() && !last.equals(now)) {
                throw new ClientException(
                        ClientException.Kind.CONFLICT,
                        "another command signed number %d of %s meanwhile"
                                .formatted(last.seq(), name),
                        next);
            }
            known.put(name, now);
            known.remove(name + BOUND);
            if (binds.isPresent()) {
                known.put(name + BOUND, new Revision(now.seq(), binds.get()));
            }
            file.write(known);
        }
    }
}
