package dev.strongroom.vault.audit;

import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.transparency.Checkpoint;
import dev.strongroom.crypto.transparency.MerkleTree;
import dev.strongroom.crypto.transparency.SignedCheckpoint;
import dev.strongroom.crypto.transparency.WitnessQuorum;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.LeafTable;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.security.SignatureException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Who speaks for the log: its head as the token signs it, and witnesses cosign it. What was signed
 * is remembered before anybody sees it.
 *
 * <p>Thread-safe.
 */
final class LogHead {
    /** What must not happen while the log is signed. */
    @FunctionalInterface
    interface Work<T, X extends Exception> {
        T done() throws X;
    }

    private static final Duration AT_ONCE = Duration.ofSeconds(1);

    private final Database database;
    private final LogSigner signer;
    private final Witnesses witnesses;
    private final MerkleTree tree;
    private final ReentrantLock signing = new ReentrantLock();
    private final CosigningPasses cosigning = new CosigningPasses(this::cosign);
    private @Nullable SignedCheckpoint last;

    /**
     * @param tree of the log, which somebody else appends to
     */
    LogHead(Database database, LogSigner signer, Witnesses witnesses, MerkleTree tree) {
        this.database = database;
        this.signer = signer;
        this.witnesses = witnesses;
        this.tree = tree;
    }

    /** Goes on from the last head that was signed. Before the first call of another method. */
    void restore(SignedCheckpoint signed) {
        last = signed;
    }

    /** Works while nobody signs the log. */
    <T, X extends Exception> T unsigned(Work<T, X> work) throws X {
        signing.lock();
        try {
            return work.done();
        } finally {
            signing.unlock();
        }
    }

    /**
     * The head now, signed by the token.
     *
     * @throws RefusedException TOKEN_UNAVAILABLE if the token does not sign
     */
    SignedCheckpoint signed() throws RefusedException {
        signing.lock();
        try {
            long size = tree.size();
            SignedCheckpoint current = last;
            if (current != null && current.checkpoint().size() == size) {
                return current;
            }
            SignedCheckpoint signed =
                    SignedCheckpoint.sign(
                            new Checkpoint(signer.origin(), size, tree.root(size)), signer.now());
            database.change(handle -> LeafTable.setCheckpoint(handle, signed.note()));
            last = signed;
            return signed;
        } catch (SignatureException e) {
            throw new RefusedException(
                    Reason.TOKEN_UNAVAILABLE,
                    "the token did not sign the log; check it with: strongroom doctor",
                    e);
        } finally {
            signing.unlock();
        }
    }

    /** The head now, cosigned by those of the witnesses that answer within seconds. */
    SignedCheckpoint witnessed() throws RefusedException {
        return witnesses.isEmpty() ? signed() : cosigning.await();
    }

    /**
     * The head now for somebody who demands these witnesses; who demands none waits for none.
     *
     * @throws RefusedException WITNESSES_MISSING, with what is wrong with them
     */
    SignedCheckpoint witnessedBy(WitnessQuorum demanded) throws RefusedException {
        if (demanded.threshold() == 0) {
            return promptly();
        }
        SignedCheckpoint cosigned = witnessed();
        requireWitnesses(cosigned, demanded);
        return cosigned;
    }

    /** Cosigned by those that answer at once; the others are heard in the background. */
    private SignedCheckpoint promptly() throws RefusedException {
        if (witnesses.isEmpty()) {
            return signed();
        }
        Optional<SignedCheckpoint> cosigned = cosigning.await(AT_ONCE);
        return cosigned.isPresent() ? cosigned.get() : signed();
    }

    private SignedCheckpoint cosign() throws RefusedException {
        SignedCheckpoint signed = signed();
        SignedCheckpoint cosigned = witnesses.cosigned(signed, tree);
        if (cosigned.signatures().size() > signed.signatures().size()) {
            remember(cosigned);
        }
        return cosigned;
    }

    private void remember(SignedCheckpoint cosigned) {
        signing.lock();
        try {
            SignedCheckpoint current = last;
            if (current != null && current.checkpoint().equals(cosigned.checkpoint())) {
                database.change(handle -> LeafTable.setCheckpoint(handle, cosigned.note()));
                last = cosigned;
            }
        } finally {
            signing.unlock();
        }
    }

    private void requireWitnesses(SignedCheckpoint checkpoint, WitnessQuorum demanded)
            throws RefusedException {
        try {
            demanded.require(checkpoint);
        } catch (SealedFormatException e) {
            String why = witnesses.complaints();
            throw new RefusedException(
                    Reason.WITNESSES_MISSING,
                    "the owner's policy demands witnesses; "
                            + e.getMessage()
                            + "; "
                            + (why.isEmpty() ? "this vault asks no others" : why),
                    e);
        }
    }
}
