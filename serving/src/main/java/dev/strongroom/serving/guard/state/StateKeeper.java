package dev.strongroom.serving.guard.state;

import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.serving.guard.PolicyGuard.Memory;
import dev.strongroom.serving.guard.leak.Directions;
import dev.strongroom.serving.guard.limit.Accounts;
import dev.strongroom.serving.guard.limit.Standing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
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
    private final Directions directions;
    private long seq;
    private byte[] last = new byte[0];

    /** Where sealed states are kept. */
    public interface Store {
        /** The last one; empty when there never was one. */
        Optional<Kept> last() throws IOException;

        /** The last ones of other nodes, and of this one under other names. */
        List<Kept> others() throws IOException;

        void keep(Kept state) throws IOException;
    }

    /** A sealed state and its number, from 1. */
    public record Kept(long seq, byte[] sealed) {}

    /**
     * @param key 32 bytes of the version; copied
     * @param context model and version
     * @param file where the number of the last state is remembered
     * @param directions that groups have seen of the version
     */
    public StateKeeper(
            Store store,
            byte[] key,
            String context,
            Path file,
            Directions directions,
            SecureRandom random) {
        this.store = store;
        this.seal = new StateSeal(key, context, random);
        this.file = file;
        this.directions = directions;
    }

    /**
     * Takes up what was left, by other nodes too: a new name forgets nothing. Once, before the
     * first call.
     *
     * @param policySeq revision of the policy in force
     */
    public Memory begin(Accounts accounts, OutputPolicy policy, long policySeq) throws IOException {
        long known = known();
        Optional<Kept> kept = store.last();
        seq = Math.max(known, kept.map(Kept::seq).orElse(0L));
        List<Checkpoint> others = others();
        others.forEach(state -> take(state, accounts, policy, policySeq));
        if (seq == 0) { // nobody has called yet, here
            return memory(others, policySeq);
        }
        Optional<Checkpoint> left = kept.filter(state -> state.seq() >= known).flatMap(this::open);
        if (left.isEmpty()) {
            LOG.error("guard.state_lost number={} everybody has the strictest tier", seq);
            save(accounts, Memory.LOST, policySeq);
            return Memory.LOST;
        }
        take(left.get(), accounts, policy, policySeq);
        return memory(List.of(left.get()), policySeq);
    }

    /**
     * Goes on after another version's state: what this version's guards held against callers is
     * added to what is known, and numbers go on from the last one.
     *
     * @param policySeq revision of the policy in force
     */
    public void goOn(Accounts accounts, OutputPolicy policy, long policySeq) throws IOException {
        Optional<Kept> kept = store.last();
        seq = Math.max(known(), kept.map(Kept::seq).orElse(0L));
        kept.flatMap(this::open).ifPresent(state -> take(state, accounts, policy, policySeq));
        others().forEach(state -> take(state, accounts, policy, policySeq));
    }

    /** What another node's state is worth is what can be read of it. */
    private List<Checkpoint> others() throws IOException {
        return store.others().stream().flatMap(state -> open(state).stream()).toList();
    }

    private static Memory memory(List<Checkpoint> states, long policySeq) {
        boolean lost =
                states.stream()
                        .anyMatch(state ->
                                state.memory() == Memory.LOST && policySeq <= state.policySeq());
        return lost ? Memory.LOST : Memory.WHOLE;
    }

    private void take(Checkpoint state, Accounts accounts, OutputPolicy policy, long policySeq) {
        directions.merge(state.directions());
        List<Standing> held = state.standings();
        if (policySeq > state.policySeq()) {
            Set<Long> pardoned =
                    policy.pardons().stream().map(Accounts::id).collect(Collectors.toSet());
            held = held.stream().filter(standing -> !pardoned.contains(standing.id())).toList();
        }
        int left = accounts.merge(held);
        if (left > 0) {
            LOG.error("guard.state_too_large left-out={} no room for more callers", left);
        }
    }

    /** Has the store keep what is held against callers now, if that has changed. */
    public void save(Accounts accounts, Memory memory, long policySeq) throws IOException {
        List<Standing> standings = accounts.standings();
        if (standings.size() > Checkpoint.MAX_STANDINGS) {
            LOG.warn("guard.state_full callers={} the least suspicious go", standings.size());
        }
        byte[] state = new Checkpoint(policySeq, memory, standings, directions.counts()).encode();
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
