package dev.strongroom.serving.guard.limit;

import dev.strongroom.serving.infer.Caller;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The accounts of all callers of a node, in bounded memory: those that called last are whole, the
 * others compact. Nobody's budget and nobody's evidence is ever forgotten; when there is no room
 * for one more caller, he is refused.
 *
 * <p>Kept in shards, so that a table that grows holds up few callers and not for long.
 *
 * <p>Thread-safe.
 */
public final class Accounts {
    /** Callers whose accounts are kept whole; about 20 MB. */
    public static final int WHOLE = 20_000;

    /** Callers in all; with those that are whole they take at most 256 MB. */
    public static final int ALL = 1_000_000;

    private static final int MAX_SHARDS = 64;
    private static final int WHOLE_OF_SHARD = 256; // at least, where there are several

    private final int all;
    private final AtomicInteger size = new AtomicInteger();
    private final AccountShard[] shards;

    public Accounts(int whole, int all) {
        this.all = all;
        int wanted = Math.clamp(whole / WHOLE_OF_SHARD, 1, MAX_SHARDS);
        this.shards = new AccountShard[Integer.highestOneBit(wanted)];
        for (int at = 0; at < shards.length; at++) {
            shards[at] = new AccountShard(whole / shards.length);
        }
    }

    /** Something that is done to an account under its lock; short, since others may wait. */
    @FunctionalInterface
    public interface Use<T> {
        T on(Account account) throws RefusedException;
    }

    /** A number for an identity ({@code tenant/role/name}), the same on every node; never zero. */
    public static long id(String identity) {
        return Caller.number(identity);
    }

    /**
     * Does something to one account, alone.
     *
     * @throws RefusedException what {@code use} throws, or that there is no room for a new caller
     */
    public <T> T use(long id, Use<T> use) throws RefusedException {
        while (true) {
            Account account = shard(id).find(id, this::requireRoom);
            synchronized (account) {
                if (!account.evicted) {
                    return use.on(account);
                }
            }
        }
    }

    private void requireRoom() throws RefusedException {
        if (size.incrementAndGet() > all) {
            size.decrementAndGet();
            throw new RefusedException(
                    Status.Code.RESOURCE_EXHAUSTED,
                    "TOO_MANY_CALLERS",
                    "this node keeps accounts of %d callers and has no room for another"
                            .formatted(all));
        }
    }

    /** Forgets what is held against a caller; what he has spent stays spent. */
    public void pardon(long id) {
        shard(id).pardon(id);
    }

    /** Callers that this node has accounts of. */
    public int size() {
        return size.get();
    }

    /**
     * What has to outlive this process of every caller that there is something to say of, each as
     * he is at some moment of the call. Others wait for one account or a small part of a table at a
     * time, never for all.
     */
    public List<Standing> standings() {
        var standings = new ArrayList<Standing>();
        for (AccountShard shard : shards) {
            standings.addAll(shard.standings());
        }
        return standings;
    }

    /**
     * Takes up what another process left, beside what is known here: of both the worse.
     *
     * @return how many found no room
     */
    public int merge(List<Standing> standings) {
        int left = 0;
        for (Standing standing : standings) {
            try {
                use(standing.id(), account -> account.merge(standing));
            } catch (RefusedException noRoom) {
                left++;
            }
        }
        return left;
    }

    private AccountShard shard(long id) {
        return shards[(int) (id >>> 32) & (shards.length - 1)];
    }
}
