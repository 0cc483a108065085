package dev.strongroom.client;

import dev.strongroom.client.RevisionFile.Revision;
import dev.strongroom.crypto.format.AliasMove;
import dev.strongroom.crypto.format.VerifiedAlias;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Remembers the last move of each alias that was seen, so that an earlier one cannot be played back
 * and no owner signs a second move of one number. Thread-safe, also between processes.
 */
final class AliasMemory {
    private final Path folder;
    private final RevisionFile file;

    AliasMemory(Profile profile) throws IOException {
        this.folder = profile.stateFolder();
        this.file = new RevisionFile(folder.resolve("aliases"), "how far aliases had moved");
    }

    /** Remembers a move whose signature has been verified, or refuses an earlier one. */
    void accept(VerifiedAlias seen) throws ClientException, IOException {
        AliasMove move = seen.move();
        String name = move.model() + "@" + move.alias();
        try (var _ = StateLock.hold(folder)) {
            Map<String, Revision> known = file.read();
            Revision last = known.get(name);
            Checks.require(
                    last == null
                            || move.seq() > last.seq()
                            || (move.seq() == last.seq() && seen.digest().equals(last.digest())),
                    "alias %s is shown at move %d, but another move %d was seen before"
                            .formatted(name, move.seq(), last == null ? 0 : last.seq()),
                    "the vault shows an earlier state: compare with the log, strongroom audit list");
            known.put(name, new Revision(move.seq(), seen.digest()));
            file.write(known);
        }
    }
}
