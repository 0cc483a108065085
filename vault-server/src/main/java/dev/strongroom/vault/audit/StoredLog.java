package dev.strongroom.vault.audit;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.MerkleTree;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.LeafTable;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The log as a start finds it in the database, and what has to speak for it before the vault
 * believes it: a checkpoint that the token signed, and for the records since then the MAC that was
 * written with the last of them. All else is an INTEGRITY refusal.
 */
final class StoredLog {
    private final Database database;
    private final LogSigner signer;
    private final TailKey tail;

    /**
     * @param tail of the token that wrote the log
     */
    StoredLog(Database database, LogSigner signer, TailKey tail) {
        this.database = database;
        this.signer = signer;
        this.tail = tail;
    }

    /** Takes the next record of the log, in order. */
    @FunctionalInterface
    interface Reader {
        void take(AuditRecord record, byte[] leaf);
    }

    /**
     * Reads every record.
     *
     * @param tree grows by each leaf that the reader takes
     */
    void read(MerkleTree tree, Reader reader) throws StartupException {
        long stored =
                database.<Long, StartupException>read(handle -> {
                    try (Stream<LeafTable.Leaf> leaves =
                            LeafTable.range(handle, 0, Long.MAX_VALUE, "%")) {
                        read(leaves.iterator(), tree, reader);
                    }
                    return LeafTable.count(handle);
                });
        if (stored != tree.size()) {
            throw tampered("its leaves are not numbered without gaps");
        }
    }

    private static void read(Iterator<LeafTable.Leaf> leaves, MerkleTree tree, Reader reader)
            throws StartupException {
        while (leaves.hasNext()) {
            LeafTable.Leaf leaf = leaves.next();
            if (leaf.index() != tree.size()) {
                return;
            }
            try {
                reader.take(AuditRecord.decode(leaf.bytes()), leaf.bytes());
            } catch (SealedFormatException | IllegalArgumentException e) {
                throw tampered("leaf " + leaf.index() + " is not a record");
            }
        }
    }

    /** The last checkpoint, which the tree continues; none for an empty log only. */
    Optional<SignedCheckpoint> checkpoint(MerkleTree tree) throws StartupException {
        Optional<String> note = database.read(LeafTable::checkpoint);
        if (note.isEmpty()) {
            // The vault signs its first leaves before it does anything else.
            if (tree.size() > 0) {
                throw tampered("its last checkpoint is missing");
            }
            return Optional.empty();
        }
        try {
            SignedCheckpoint signed = SignedCheckpoint.parse(note.get());
            Checkpoint shown = signed.verify(signer.keyOf(signed), WitnessQuorum.NONE);
            if (shown.size() > tree.size() || !tree.root(shown.size()).equals(shown.root())) {
                throw tampered("its leaves are not those of its last checkpoint");
            }
            return Optional.of(signed);
        } catch (SealedFormatException e) {
            throw tampered("its last checkpoint is not signed by this vault's token");
        }
    }

    /**
     * Nothing is believed that neither the token signed nor the vault wrote.
     *
     * @param signed leaves under the last checkpoint
     * @param newest hash of the last leaf
     */
    void requireOwnTail(MerkleTree tree, long signed, Digest newest) throws StartupException {
        long size = tree.size();
        Optional<LeafTable.Tail> stored = database.read(LeafTable::tail);
        if (stored.isEmpty()) {
            if (size > signed) {
                throw tampered("it has records after its last checkpoint that nothing speaks for");
            }
            return;
        }
        boolean own =
                size > 0
                        && stored.get().size() == size
                        && tail.isOf(stored.get().mac(), size - 1, tree.root(size - 1), newest);
        if (!own) {
            throw tampered("its last records are not those that the vault wrote");
        }
    }

    private static StartupException tampered(String what) {
        return new StartupException(
                Exit.INTEGRITY,
                "the audit log was changed outside the vault: "
                        + what
                        + "; restore the data folder from a backup");
    }
}
