package dev.strongroom.serving.guard.limit;

import dev.strongroom.serving.guard.leak.LeakageLedger;
import dev.strongroom.serving.guard.shape.Rung;

/**
 * Accounts of callers who have not called for a while, {@value #BYTES} bytes each: budgets,
 * evidence, rung and rate stay; the bets behind the evidence are summed up in it.
 *
 * <p>An open-addressed table that is never smaller than what is in it. Not thread-safe.
 */
final class ColdAccounts {
    static final int BYTES = 9 * Long.BYTES;
    static final long FREE = 0; // no id is zero

    private static final int WORDS = 8;
    private static final int FIRST_SLOTS = 1 << 10;
    private static final long RUNG_MASK = 3;
    private static final long DAY_IS_OVER = 1L << 5;
    private static final int GROUP_SHIFT = 8;
    private static final int LEASE_SHIFT = GROUP_SHIFT + Character.SIZE;

    private long[] ids = new long[FIRST_SLOTS];
    private long[] words = new long[FIRST_SLOTS * WORDS];
    private int size;

    boolean has(long id) {
        return ids[slot(ids, id)] == id;
    }

    /** Keeps an account, in place of what was kept of it. */
    void put(Account account) {
        if (4L * (size + 1) > 3L * ids.length) {
            grow();
        }
        int slot = slot(ids, account.id);
        if (ids[slot] == FREE) {
            ids[slot] = account.id;
            size++;
        }
        int at = slot * WORDS;
        words[at] = account.bucket == null ? account.bucketRows : account.bucket.rows();
        words[at + 1] = Double.doubleToRawLongBits(account.carriedEvidence());
        words[at + 2] = account.leaseRows;
        words[at + 3] = account.sliceRows;
        words[at + 4] = account.sliceEndNanos;
        words[at + 5] = flags(account) | account.leaseSeq << LEASE_SHIFT;
        words[at + 6] = account.slicePerDay;
        words[at + 7] = Double.doubleToRawLongBits(account.ledger().bits());
    }

    private static long flags(Account account) {
        return account.rung().number()
                | (long) account.group << GROUP_SHIFT
                | (account.dayIsOver ? DAY_IS_OVER : 0);
    }

    /** A kept account; one that is not kept is new. The record stays until it is put again. */
    Account get(long id) {
        var account = new Account(id);
        int slot = slot(ids, id);
        if (ids[slot] == FREE) {
            return account;
        }
        int at = slot * WORDS;
        long flags = words[at + 5];
        account.bucketRows = words[at];
        account.carry(Double.longBitsToDouble(words[at + 1]));
        account.leaseRows = words[at + 2];
        account.sliceRows = words[at + 3];
        account.sliceEndNanos = words[at + 4];
        account.leaseSeq = flags >>> LEASE_SHIFT;
        account.group = (char) (flags >>> GROUP_SHIFT);
        account.slicePerDay = words[at + 6];
        account.goOn(new LeakageLedger(Double.longBitsToDouble(words[at + 7])));
        account.dayIsOver = (flags & DAY_IS_OVER) != 0;
        account.restore(Rung.ofNumber((int) (flags & RUNG_MASK)));
        return account;
    }

    /** Ids by place, {@link #FREE} where there is none; another array once it has grown. */
    long[] slots() {
        return ids;
    }

    private void grow() {
        var moreIds = new long[2 * ids.length];
        var moreWords = new long[2 * words.length];
        for (int slot = 0; slot < ids.length; slot++) {
            if (ids[slot] != FREE) {
                int to = slot(moreIds, ids[slot]);
                moreIds[to] = ids[slot];
                System.arraycopy(words, slot * WORDS, moreWords, to * WORDS, WORDS);
            }
        }
        ids = moreIds;
        words = moreWords;
    }

    /** Where an id is, or would go. Ids are digests: their low bits are as good as any. */
    private static int slot(long[] table, long id) {
        int slot = (int) id & (table.length - 1);
        while (table[slot] != FREE && table[slot] != id) {
            slot = slot + 1 & (table.length - 1);
        }
        return slot;
    }
}
