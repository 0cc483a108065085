package dev.strongroom.vault.audit;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.transparency.MerkleTree;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.LeafTable;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.refusal.StartupException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/**
 * The append-only log of everything the vault decided: an RFC 6962 tree over records in SQLite,
 * under checkpoints that the token signs. A receipt exists only for a record that is on disk.
 *
 * <p>Thread-safe.
 */
public final class AuditLog {
    /** Decides inside the transaction that will hold the record, for example uses a nonce up. */
    @FunctionalInterface
    public interface Deciding<X extends Exception> {
        Decision decide(Handle handle) throws X;
    }

    private final Database database;
    private final TailKey tail;
    private final InstantSource clock;
    private final MerkleTree tree = new MerkleTree();
    private final LogViews views = new LogViews();
    private final List<Consumer<AuditRecord>> listeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock appending = new ReentrantLock(true);
    private final LogHead head;
    private Digest newestLeaf = MerkleTree.EMPTY_ROOT; // before the first one

    private AuditLog(
            Database database,
            LogSigner signer,
            TailKey tail,
            Witnesses witnesses,
            InstantSource clock) {
        this.head = new LogHead(database, signer, witnesses, tree);
        this.database = database;
        this.tail = tail;
        this.clock = clock;
    }

    /**
     * Reads the log and checks it against the last checkpoint that was signed, and what came after
     * that against what spoke for it when it was written.
     *
     * @param tail of the token that wrote the log
     * @param witnesses who is asked to cosign checkpoints before they are shown
     * @throws StartupException INTEGRITY if the leaves are not those of the checkpoint, or it is
     *     missing
     */
    public static AuditLog open(
            Database database,
            LogSigner signer,
            TailKey tail,
            Witnesses witnesses,
            InstantSource clock)
            throws StartupException {
        var log = new AuditLog(database, signer, tail, witnesses, clock);
        log.load(new StoredLog(database, signer, tail));
        return log;
    }

    private void load(StoredLog stored) throws StartupException {
        stored.read(tree, this::take);
        Optional<SignedCheckpoint> signed = stored.checkpoint(tree);
        signed.ifPresent(head::restore);
        long size = signed.map(checkpoint -> checkpoint.checkpoint().size()).orElse(0L);
        stored.requireOwnTail(tree, size, newestLeaf);
    }

    private void take(AuditRecord record, byte[] leaf) {
        long index = tree.size();
        views.add(record, index);
        newestLeaf = MerkleTree.leafHash(leaf);
        tree.append(newestLeaf);
    }

    /** Makes a decision durable. */
    public AuditReceipt append(Decision decision) {
        return this.<RuntimeException>append(_ -> decision);
    }

    /**
     * Makes a decision durable together with what it read and wrote to be made, in one transaction.
     * When {@code deciding} throws, nothing is changed.
     */
    public <X extends Exception> AuditReceipt append(Deciding<X> deciding) throws X {
        return append(deciding, _ -> {});
    }

    private <X extends Exception> AuditReceipt append(
            Deciding<X> deciding, Consumer<AuditRecord> committed) throws X {
        appending.lock();
        try {
            long index = tree.size();
            Written written =
                    database.<Written, X>write(
                            handle -> insert(handle, index, deciding),
                            durable -> {
                                take(durable.record(), durable.leaf());
                                committed.accept(durable.record());
                            });
            AuditRecord record = written.record();
            listeners.forEach(listener -> listener.accept(record));
            return new AuditReceipt(index, record);
        } finally {
            appending.unlock();
        }
    }

    /** Tells of every record from now on, once it is durable; quickly, and on any thread. */
    public void listen(Consumer<AuditRecord> listener) {
        listeners.add(listener);
    }

    /**
     * {@link #append(Deciding)}, and has the token sign it: its leaf cannot be cut off any more.
     */
    public <X extends Exception> AuditReceipt appendSigned(Deciding<X> deciding)
            throws X, RefusedException {
        AuditReceipt receipt = append(deciding);
        checkpoint();
        return receipt;
    }

    /**
     * {@link #append(Decision)}, signed.
     *
     * @throws RefusedException TOKEN_UNAVAILABLE; the decision is in the log all the same
     */
    public AuditReceipt appendSigned(Decision decision) throws RefusedException {
        AuditReceipt receipt = append(decision);
        checkpoint();
        return receipt;
    }

    /**
     * {@link #append(Deciding)} of a record that changes who signs: {@code committed} is done
     * before anybody signs the log, or appends to it, after that record.
     */
    public <X extends Exception> AuditReceipt appendBefore(
            Deciding<X> deciding, Consumer<AuditRecord> committed) throws X {
        return head.<AuditReceipt, X>unsigned(() -> append(deciding, committed));
    }

    private record Written(AuditRecord record, byte[] leaf) {}

    private <X extends Exception> Written insert(Handle handle, long index, Deciding<X> deciding)
            throws X {
        Decision decision = deciding.decide(handle);
        var record =
                new AuditRecord(
                        decision.type(), clock.instant(), decision.actor(), decision.fields());
        byte[] leaf = record.encode();
        LeafTable.insert(handle, new LeafTable.Leaf(index, decision.tenant(), leaf));
        byte[] mac = tail.mac(index, tree.root(index), MerkleTree.leafHash(leaf));
        LeafTable.setTail(handle, new LeafTable.Tail(index + 1, mac));
        return new Written(record, leaf);
    }

    /** What the records say. */
    public LogViews views() {
        return views;
    }

    /** Leaves in the log. */
    public long size() {
        return tree.size();
    }

    /**
     * The head of the log, signed by the token and remembered before anybody sees it.
     *
     * @throws RefusedException TOKEN_UNAVAILABLE if the token does not sign
     */
    public SignedCheckpoint checkpoint() throws RefusedException {
        return head.signed();
    }

    /**
     * {@link #checkpoint()}, cosigned by those of the witnesses that answer: the one to show to
     * others. Takes seconds when a witness is down that answered before.
     */
    public SignedCheckpoint witnessed() throws RefusedException {
        return head.witnessed();
    }

    /** Proves a leaf of the log under the current checkpoint, cosigned by all that answer. */
    public AuditProof prove(long leafIndex) throws RefusedException {
        return prove(leafIndex, head.witnessed());
    }

    /**
     * Proves a leaf to somebody who demands these witnesses, and waits for no others.
     *
     * @throws RefusedException WITNESSES_MISSING, with what is wrong with them
     */
    public AuditProof prove(long leafIndex, WitnessQuorum demanded) throws RefusedException {
        return prove(leafIndex, head.witnessedBy(demanded));
    }

    private AuditProof prove(long leafIndex, SignedCheckpoint checkpoint) throws RefusedException {
        LeafTable.Leaf leaf = leaf(leafIndex);
        long size = checkpoint.checkpoint().size();
        return new AuditProof(leafIndex, leaf.bytes(), tree.inclusion(leafIndex, size), checkpoint);
    }

    /**
     * Proves that the log of {@code toSize} leaves continues the one of {@code fromSize}.
     *
     * @throws RefusedException LOG_SHORTER if the log never had as many leaves
     */
    public List<Digest> consistency(long fromSize, long toSize) throws RefusedException {
        long size = tree.size();
        if (fromSize < 0 || toSize < 0 || Math.max(fromSize, toSize) > size) {
            throw new RefusedException(
                    Reason.LOG_SHORTER,
                    "the log has "
                            + size
                            + " leaves, fewer than asked for: if this vault once showed more, its"
                            + " data was rolled back; do not trust it");
        }
        if (fromSize > toSize) {
            throw new RefusedException(Reason.REQUEST_MALFORMED, "expected the earlier size first");
        }
        return tree.consistency(fromSize, toSize);
    }

    /**
     * One leaf.
     *
     * @throws RefusedException LEAF_NOT_FOUND
     */
    public LeafTable.Leaf leaf(long index) throws RefusedException {
        return database.read(handle -> LeafTable.find(handle, index))
                .orElseThrow(() ->
                        new RefusedException(
                                Reason.LEAF_NOT_FOUND,
                                "no leaf " + index + "; the log has " + size()));
    }

    /** The next leaves of a range, in order: at most {@code limit}. */
    public List<LeafTable.Leaf> page(long from, long to, String tenantPattern, int limit) {
        long end = Math.min(to, tree.size());
        return database.read(handle -> {
            try (var leaves = LeafTable.range(handle, from, end, tenantPattern)) {
                return leaves.limit(limit).toList();
            }
        });
    }
}
