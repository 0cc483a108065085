package dev.strongroom.enclave.lease;

import dev.strongroom.attestation.CollateralFolder;
import dev.strongroom.attestation.CollateralSource;
import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.PolicyReference;
import dev.strongroom.crypto.format.AliasMove;
import dev.strongroom.crypto.format.ContentStatement;
import dev.strongroom.crypto.format.Dsse;
import dev.strongroom.crypto.format.P256;
import dev.strongroom.crypto.format.PolicyChain;
import dev.strongroom.crypto.format.VaultIdentity;
import dev.strongroom.crypto.format.VerifiedAlias;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What a node remembers between its starts, so that a vault that was rolled back or shows another
 * history is found out: the attestation root it was born under, the vault's newest identity, the
 * last checkpoint, the highest revision of each policy, the last move of each alias and the last
 * seal of each version. Owners choose the ids of their policies and versions, so that each owner's
 * are kept apart: nobody can say anything of another's.
 *
 * <p>A host can take the folder away; then the node remembers nothing, as at its first start.
 *
 * <p>Thread-safe, whatever is read, compared and written in one step; one process and one object
 * per folder.
 */
public final class NodeMemory {
    private static final int MAX_FILE_BYTES = 64 * 1024;
    private static final String ROOT = "attestation-root";
    private static final String CHECKPOINT = "checkpoint";
    private static final String IDENTITY = "vault-identity";

    private final Path folder;

    /**
     * @param folder made with mode 0700 if need be; a wider one is refused
     */
    public NodeMemory(Path folder) throws IOException {
        this.folder = PrivateFolder.open(folder);
    }

    /** What this node's operator provides for judging others' evidence. */
    CollateralSource collateral() {
        return CollateralFolder.inside(folder);
    }

    /** Remembers the root at first; afterwards refuses any other. */
    public synchronized void requireRoot(Digest root) throws IOException, LeaseException {
        Optional<String> born = read(ROOT);
        if (born.isEmpty()) {
            write(ROOT, root.hex());
            return;
        }
        Integrity.require(
                born.get().equals(root.hex()),
                "data folder " + folder + " was born under another attestation root; use another");
    }

    /**
     * Refuses an identity that does not follow from the newest one that this node saw: a key that
     * was replaced since may be in other hands.
     *
     * @param envelope what {@code identity} was read from
     */
    synchronized void requireIdentity(VaultIdentity identity, byte[] envelope)
            throws IOException, LeaseException {
        Optional<String> seen = read(IDENTITY);
        if (seen.isPresent()) {
            Integrity.verified(
                    "vault identity, compared with the one remembered in " + folder,
                    () -> {
                        byte[] remembered = HexFormat.of().parseHex(seen.get());
                        identity.requireFollows(
                                VaultIdentity.verify(
                                        Dsse.decode(remembered),
                                        P256.keyId(identity.ceremonySpki())));
                        return identity;
                    });
        }
        write(IDENTITY, HexFormat.of().formatHex(envelope));
    }

    /** The last checkpoint this node saw, which a key of the vault's must have signed. */
    synchronized Optional<Checkpoint> checkpoint(VaultIdentity vault)
            throws IOException, LeaseException {
        Optional<String> note = read(CHECKPOINT);
        return note.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        Integrity.verified(
                                "remembered checkpoint in " + folder,
                                () -> {
                                    var signed = SignedCheckpoint.parse(note.get());
                                    return signed.verify(signed.logKey(vault), WitnessQuorum.NONE);
                                }));
    }

    synchronized void rememberCheckpoint(SignedCheckpoint checkpoint) throws IOException {
        write(CHECKPOINT, checkpoint.note());
    }

    /** Keeps what the vault last said of this node, for its operator to show to others. */
    synchronized void keepResult(String token) throws IOException {
        write("result-token", token);
    }

    /**
     * Refuses revisions that do not go on from the one seen last, so that nobody leaves the
     * approvers that it names by showing another past.
     *
     * @param owner who signed them
     */
    synchronized void requireReleases(Digest owner, PolicyChain chain)
            throws IOException, LeaseException {
        PolicyReference now = chain.inForce().reference();
        Optional<Revision> seen = revision(policyFile(owner, now.id()));
        if (seen.isPresent() && seen.get().seq() < now.seq()) {
            Integrity.require(
                    chain.contains(seen.get().seq(), seen.get().digest()),
                    "policy %s: revision %d does not follow from revision %d that this node saw: the vault shows another past, or this node was away for more than %d revisions; use a new data folder only if its owner confirms the revision"
                            .formatted(
                                    now.id(), now.seq(), seen.get().seq(), PolicyChain.MAX_BEFORE));
        }
        requirePolicy(owner, chain.inForce());
    }

    private record Revision(long seq, Digest digest) {}

    private Optional<Revision> revision(String file) throws IOException, LeaseException {
        Optional<String> seen = read(file);
        if (seen.isEmpty()) {
            return Optional.empty();
        }
        Integrity.require(
                seen.get().matches("[0-9]{1,19} [0-9a-f]{64}"),
                "remembered revision " + file + " in " + folder + " is damaged");
        int space = seen.get().indexOf(' ');
        return Optional.of(
                new Revision(
                        Long.parseLong(seen.get().substring(0, space)),
                        new Digest(seen.get().substring(space + 1))));
    }

    private static String policyFile(Digest owner, String policyId) {
        return "policy-" + owner.hex() + "-" + policyId;
    }

    /**
     * Refuses a revision below the highest seen, or another document under the same number.
     *
     * @param owner who signed it
     */
    synchronized void requirePolicy(Digest owner, VerifiedPolicy policy)
            throws IOException, LeaseException {
        var reference = policy.reference();
        requireLatest(
                "policy " + reference.id(),
                policyFile(owner, reference.id()),
                new Revision(reference.seq(), reference.digest()));
    }

    /**
     * Refuses a move before the last one seen, another one of the same number, and one that has the
     * next number and follows another move.
     */
    synchronized void requireAlias(VerifiedAlias alias) throws IOException, LeaseException {
        AliasMove move = alias.move();
        String what = "alias " + move.model() + "@" + move.alias();
        String file =
                "alias-%s.%s.%s"
                        .formatted(move.model().tenant(), move.model().name(), move.alias());
        Optional<Revision> seen = revision(file);
        Integrity.require(
                seen.isEmpty()
                        || move.seq() != seen.get().seq() + 1
                        || move.previous().equals(Optional.of(seen.get().digest())),
                "%s: move %d does not follow the one before it that this node saw: the vault shows others another move"
                        .formatted(what, move.seq()));
        requireLatest(what, file, new Revision(move.seq(), alias.digest()));
    }

    private void requireLatest(String what, String file, Revision now)
            throws IOException, LeaseException {
        Optional<Revision> seen = revision(file);
        if (seen.isPresent()) {
            long highest = seen.get().seq();
            Integrity.require(
                    now.seq() >= highest,
                    "%s: expected revision %d or later, got %d: the vault shows an old one"
                            .formatted(what, highest, now.seq()));
            Integrity.require(
                    now.seq() > highest || now.digest().equals(seen.get().digest()),
                    "%s: revision %d is another document than before".formatted(what, highest));
            if (now.seq() == highest) {
                return;
            }
        }
        write(file, now.seq() + " " + now.digest().hex());
    }

    /** Refuses a seal before the last one seen, or another one of the same epoch. */
    synchronized void requireSeal(VerifiedManifest manifest) throws IOException, LeaseException {
        int epoch = manifest.seal().epoch();
        ContentStatement content = manifest.content();
        String name = "seal-" + content.ownerId().hex() + "-" + content.versionId();
        Optional<String> seen = read(name);
        if (seen.isPresent()) {
            String[] parts = seen.get().split(" ", -1);
            Integrity.require(
                    parts.length == 2 && parts[0].matches("[0-9]{1,10}"),
                    "remembered seal in " + folder + " is damaged");
            long last = Long.parseLong(parts[0]);
            Integrity.require(
                    epoch >= last,
                    "seal of version %s: expected epoch %d or later, got %d: the vault shows an old one"
                            .formatted(content.versionId(), last, epoch));
            Integrity.require(
                    epoch > last || manifest.digest().hex().equals(parts[1]),
                    "seal of version %s: epoch %d is another seal than before"
                            .formatted(content.versionId(), epoch));
        }
        write(name, epoch + " " + manifest.digest().hex());
    }

    private Optional<String> read(String name) throws IOException, LeaseException {
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Integrity.require(
                Files.size(file) <= MAX_FILE_BYTES, file + ": larger than this node writes");
        return Optional.of(Files.readString(file));
    }

    /** Replaces a file at once and durably. */
    private void write(String name, String text) throws IOException {
        Path fresh = folder.resolve(name + ".new");
        try (var channel =
                FileChannel.open(
                        fresh,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
            var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(
                fresh,
                folder.resolve(name),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        try (var directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }
}
