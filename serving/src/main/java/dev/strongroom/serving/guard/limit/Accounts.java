package dev.strongroom.serving.guard.limit;

import dev.strongroom.attestation.Digest;
import dev.strongroom.serving.infer.RefusedException;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The accounts of all callers of a node, in bounded memory: those that called last are whole, the
 * others compact. Nobody's budget and nobody's evidence is ever forgotten; when there is no room
 * for one more caller, he is refused.
 *
 * <p>Thread-safe.
 */
public final class Accounts {
    /** Callers whose accounts are kept whole; about 30 MB. */
    public static final int WHOLE = 20_000;

    /** Callers in all; their compact records take at most 120 MB. */
    public static final int ALL = 1_000_000;

    private final int whole;
    private final int all;
    private final Map<Long, Account> hot = new LinkedHashMap<>(16, 0.75f, true);
    private final ColdAccounts cold = new ColdAccounts();

    public Accounts(int whole, int all) {
        this.whole = whole;
        this.all = all;
    }

    /** Something that is done to an account under its lock. */
    @FunctionalInterface
    public interface Use<T> {
        T on(Account account) throws RefusedException;
    }

    /** A number for an identity ({@code tenant/role/name}), the same on every node; never zero. */
    public static long id(String identity) {
        byte[] digest = Digest.sha256(identity.getBytes(StandardCharsets.UTF_8)).bytes();
        return ByteBuffer.wrap(digest).getLong() | 1;
    }

    /**
     * Does something to one account, alone.
     *
     * @throws RefusedException what {@code use} throws, or that there is no room for a new caller
     */
    public <T> T use(long id, Use<T> use) throws RefusedException {
        while (true) {
            Account account = find(id);
            synchronized (account) {
                if (!account.evicted) {
                    return use.on(account);
                }
            }
        }
    }

    private synchronized Account find(long id) throws RefusedException {
        Account account = hot.get(id);
        if (account != null) {
            return account;
        }
        if (!cold.has(id) && size() >= all) {
            throw new RefusedException(
                    Status.Code.RESOURCE_EXHAUSTED,
                    "TOO_MANY_CALLERS",
                    "this node keeps accounts of %d callers and has no room for another"
                            .formatted(all));
        }
        account = cold.get(id);
        cold.put(account); // so that both together are never more than all
        hot.put(id, account);
        evict();
        return account;
    }

    private void evict() {
        Iterator<Account> eldest = hot.values().iterator();
        while (hot.size() > whole && eldest.hasNext()) {
            Account account = eldest.next();
            synchronized (account) {
                if (account.asked == null) {
                    cold.put(account);
                    account.evicted = true;
                    eldest.remove();
                }
            }
        }
    }

    /** Forgets what is held against a caller; what he has spent stays spent. */
    public synchronized void pardon(long id) {
        Account account = hot.get(id);
        if (account == null) {
            if (!cold.has(id)) {
                return;
            }
            account = cold.get(id);
        }
        synchronized (account) {
            account.pardon();
            cold.put(account);
        }
    }

    /** Callers that this node has accounts of. */
    public synchronized int size() {
        return cold.size();
    }

    /** What has to outlive this process of every caller that there is something to say of. */
    public synchronized List<Standing> standings() {
        for (Account account : hot.values()) {
            synchronized (account) {
                cold.put(account);
            }
        }
        var standings = new ArrayList<Standing>();
        cold.forEach(id -> {
            Standing standing = Standing.of(cold.get(id));
            if (!standing.isClean()) {
                standings.add(standing);
            }
        });
        return standings;
    }

    /** Takes up what another process left; before the first call. */
    public synchronized void restore(List<Standing> standings) {
        standings.forEach(standing -> cold.put(standing.account()));
    }
}
