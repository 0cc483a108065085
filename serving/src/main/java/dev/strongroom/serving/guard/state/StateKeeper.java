package dev.strongroom.serving.guard.state;

import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.serving.guard.PolicyGuard.Memory;
import dev.strongroom.serving.guard.limit.Accounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is held against callers, sealed, at the vault, and remembers here which state was the
 * last. One that is missing, old or not authentic counts as lost, and then everybody has the
 * strictest tier until the owner signs a later policy. Somebody who empties both this node's folder
 * and the vault's state makes it forget.
 *
 * <p>For one thread at a time.
 */
public final class StateKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(StateKeeper.class);

    private final Store store;
    private final StateSeal seal;
    private final Path file;
    private long seq;
    private byte[] last = new byte[0];

    /** Where sealed states are kept. */
    public interface Store {
        /** The last one; empty when there never was one. */
        Optional<Kept> last() throws IOException;

        void keep(Kept state) throws IOException;
    }

    /** A sealed state and its number, from 1. */
    public record Kept(long seq, byte[] sealed) {}

    /**
     * @param key 32 bytes of the version; copied
     * @param context model and version
     * @param file where the number of the last state is remembered
     */
    public StateKeeper(Store store, byte[] key, String context, Path file, SecureRandom random) {
        this.store = store;
        this.seal = new StateSeal(key, context, random);
        this.file = file;
    }

    /**
     * Takes up what was left; once, before the first call.
     *
     * @param policySeq revision of the policy in force
     */
    public Memory begin(Accounts accounts, OutputPolicy policy, long policySeq) throws IOException {
        long known = known();
        Optional<Kept> kept = store.last();
        seq = Math.max(known, kept.map(Kept::seq).orElse(0L));
        if (seq == 0) {
            return Memory.WHOLE; // nobody has called yet
        }
        Optional<Checkpoint> left = kept.filter(state -> state.seq() >= known).flatMap(this::open);
        if (left.isEmpty()) {
            LOG.error("guard.state_lost number={} everybody has the strictest tier", seq);
            save(accounts, Memory.LOST, policySeq);
            return Memory.LOST;
        }
        Checkpoint state = left.get();
        boolean newPolicy = policySeq > state.policySeq();
        accounts.restore(state.standings());
        if (newPolicy) {
            policy.pardons().forEach(identity -> accounts.pardon(Accounts.id(identity)));
        }
        return newPolicy ? Memory.WHOLE : state.memory();
    }

    /**
     * Goes on after another version's state: takes up nothing, and numbers from the last one on.
     */
    public void goOn() throws IOException {
        seq = Math.max(known(), store.last().map(Kept::seq).orElse(0L));
    }

    /** Has the store keep what is held against callers now, if that has changed. */
    public void save(Accounts accounts, Memory memory, long policySeq) throws IOException {
        byte[] state = new Checkpoint(policySeq, memory, accounts.standings()).encode();
        if (Arrays.equals(state, last)) {
            return;
        }
        long next = seq + 1;
        store.keep(new Kept(next, seal.seal(next, state)));
        remember(next);
        seq = next;
        last = state;
    }

    private Optional<Checkpoint> open(Kept kept) {
        return seal.open(kept.seq(), kept.sealed()).flatMap(StateKeeper::decode);
    }

    private static Optional<Checkpoint> decode(byte[] state) {
        try {
            return Optional.of(Checkpoint.decode(state));
        } catch (MalformedEncodingException e) {
            return Optional.empty();
        }
    }

    private long known() throws IOException {
        if (!Files.exists(file)) {
            return 0;
        }
        String text = Files.readString(file).strip();
        if (!text.matches("[0-9]{1,18}")) {
            throw new IOException(file + ": expected a number; restore it or remove the folder");
        }
        return Long.parseLong(text);
    }

    private void remember(long number) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, Long.toString(number));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
