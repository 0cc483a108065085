package dev.strongroom.serving.guard.limit;

import dev.strongroom.serving.infer.RefusedException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Some of the accounts: those that called last are whole, the others compact. Thread-safe. */
final class AccountShard {
    private static final int TRIES = 8; // to evict, where many wait for the vault
    private static final int SLOTS_AT_ONCE = 1 << 10; // of a table, under the lock

    private final int whole;
    private final Map<Long, Account> hot = new LinkedHashMap<>(16, 0.75f, true);
    private final ColdAccounts cold = new ColdAccounts();

    AccountShard(int whole) {
        this.whole = whole;
    }

    /** Room for one more caller. */
    interface Room {
        void require() throws RefusedException;
    }

    synchronized Account find(long id, Room room) throws RefusedException {
        Account account = hot.get(id);
        if (account != null) {
            return account;
        }
        if (!cold.has(id)) {
            room.require();
        }
        account = cold.get(id);
        cold.put(account); // so that the table has a place for everybody
        hot.put(id, account);
        evict();
        return account;
    }

    /** An account that waits for the vault stays, as if it had called just now. */
    private void evict() {
        for (int tries = 0; tries < TRIES && hot.size() > whole; tries++) {
            Account eldest = hot.values().iterator().next();
            synchronized (eldest) {
                if (eldest.asked == null) {
                    cold.put(eldest);
                    eldest.evicted = true;
                    hot.remove(eldest.id);
                } else {
                    hot.get(eldest.id);
                }
            }
        }
    }

    synchronized void pardon(long id) {
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

    /** The whole ones first: one that becomes compact meanwhile is then read as that. */
    List<Standing> standings() {
        var standings = new ArrayList<Standing>();
        Set<Long> said = new HashSet<>();
        for (Account account : whole()) {
            synchronized (account) {
                if (!account.evicted) {
                    said.add(account.id);
                    add(Standing.of(account), standings);
                }
            }
        }
        long[] slots = new long[0];
        for (int from = 0; ; from += SLOTS_AT_ONCE) {
            synchronized (this) {
                if (slots.length != cold.slots().length) { // grown: all are elsewhere
                    slots = cold.slots();
                    from = 0;
                }
                if (from >= slots.length) {
                    return standings;
                }
                int to = Math.min(from + SLOTS_AT_ONCE, slots.length);
                for (int slot = from; slot < to; slot++) {
                    if (slots[slot] != ColdAccounts.FREE && said.add(slots[slot])) {
                        add(Standing.of(cold.get(slots[slot])), standings);
                    }
                }
            }
        }
    }

    private synchronized List<Account> whole() {
        return new ArrayList<>(hot.values());
    }

    private static void add(Standing standing, List<Standing> standings) {
        if (!standing.isClean()) {
            standings.add(standing);
        }
    }
}
