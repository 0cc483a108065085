package dev.strongroom.serving.guard.limit;

import dev.strongroom.serving.guard.shape.Rung;

/**
 * What is held against a caller. Budgets are not in it: the vault keeps those of a day, and a lease
 * ends with its process.
 *
 * @param id of {@link Accounts#id}
 * @param evidence against his honesty
 * @param rung by evidence
 * @param floor that an operator set
 */
public record Standing(long id, double evidence, Rung rung, Rung floor, boolean suspended) {
    static Standing of(Account account) {
        return new Standing(
                account.id,
                account.carriedEvidence(),
                account.statisticalRung(),
                account.floor(),
                account.isSuspended());
    }

    /** Nothing is: as one who never called. */
    boolean isClean() {
        return evidence == 1 && rung == Rung.CONTRACT && floor == Rung.CONTRACT && !suspended;
    }

    Account account() {
        var account = new Account(id);
        account.carry(evidence);
        account.restore(rung, floor, suspended);
        return account;
    }
}
