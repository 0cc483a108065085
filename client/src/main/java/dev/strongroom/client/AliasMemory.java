package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import dev.strongroom.client.RevisionFile.Revision;
import dev.strongroom.crypto.format.AliasMove;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.VerifiedAlias;
import dev.strongroom.crypto.format.VersionId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Remembers the last move of each alias that was seen, so that an earlier one cannot be played
 * back, and the last one that was signed here, so that no number is signed twice: a vault can keep
 * a move and say that it has none. Thread-safe, also between processes.
 */
final class AliasMemory {
    private static final String NEXT =
            "the vault shows an earlier state: compare with the log, strongroom audit list";

    private final Path folder;
    private final RevisionFile seen;
    private final SignedRevisions signed;

    AliasMemory(Profile profile) throws IOException {
        this.folder = profile.stateFolder();
        this.seen = new RevisionFile(folder.resolve("aliases"), "how far aliases had moved");
        this.signed = new SignedRevisions(profile, "aliases-signed", "moves of aliases");
    }

    /**
     * Remembers the moves of all aliases of a model, whose signatures have been verified, or
     * refuses them: when one is earlier than what was seen, does not follow it, or is missing.
     */
    void acceptAll(ModelName model, List<VerifiedAlias> moves) throws ClientException, IOException {
        try (var _ = StateLock.hold(folder)) {
            Map<String, Revision> known = seen.read();
            for (VerifiedAlias move : moves) {
                advance(known, move);
            }
            Set<String> shown =
                    moves.stream().map(move -> name(move.move())).collect(Collectors.toSet());
            for (String name : known.keySet()) {
                Checks.require(
                        shown.contains(name) || !name.startsWith(model + "@"),
                        "alias " + name + " was seen before and is not shown any more",
                        NEXT);
            }
            seen.write(known);
        }
    }

    /** Remembers a move that is in force and whose signature has been verified. */
    void accept(VerifiedAlias move) throws ClientException, IOException {
        try (var _ = StateLock.hold(folder)) {
            Map<String, Revision> known = seen.read();
            advance(known, move);
            seen.write(known);
        }
    }

    private static void advance(Map<String, Revision> known, VerifiedAlias shown)
            throws ClientException {
        Revision last = known.get(name(shown.move()));
        if (last != null) {
            requireFollows(shown, last.seq(), last.digest());
        }
        known.put(name(shown.move()), new Revision(shown.move().seq(), shown.digest()));
    }

    private static void requireFollows(VerifiedAlias shown, long last, Digest digest)
            throws ClientException {
        AliasMove move = shown.move();
        Checks.require(
                move.seq() > last || (move.seq() == last && shown.digest().equals(digest)),
                "alias %s is shown at move %d, but another move %d was seen before"
                        .formatted(name(move), move.seq(), last),
                NEXT);
        Checks.require(
                move.seq() != last + 1 || move.previous().equals(Optional.of(digest)),
                "move %d of alias %s does not follow the move %d that was seen before"
                        .formatted(move.seq(), name(move), last),
                "the vault shows others another move: compare with the log, strongroom audit list");
    }

    /**
     * The move to sign next: with a number above that of every move signed here, or the one signed
     * last if it is the very same.
     *
     * @param inForce as the vault shows it
     */
    AliasMove next(Optional<VerifiedAlias> inForce, AliasPath path, Optional<VersionId> target)
            throws ClientException, IOException {
        AliasMove next = AliasMove.after(inForce, path.model(), path.alias(), target);
        Revision last = signed.last().get(path.toString());
        if (last == null || last.seq() < next.seq()) {
            return next;
        }
        AliasMove again = next.numbered(last.seq());
        return again.digest().equals(last.digest()) ? again : next.numbered(last.seq() + 1);
    }

    /**
     * Remembers a move before anybody else has its signature.
     *
     * @throws ClientException of kind CONFLICT when another one of this number was signed meanwhile
     */
    void sign(AliasMove move) throws ClientException, IOException {
        signed.sign(
                name(move),
                new Revision(move.seq(), move.digest()),
                Optional.empty(),
                "see what it means now: strongroom model alias list " + move.model());
    }

    private static String name(AliasMove move) {
        return new AliasPath(move.model(), move.alias()).toString();
    }
}
