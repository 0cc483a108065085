package dev.strongroom.serving.guard.limit;

import dev.strongroom.serving.guard.shape.Rung;

/**
 * What is held against a caller. Budgets are not in it: the vault keeps those of a day, and a lease
 * ends with its process.
 *
 * @param id of {@link Accounts#id}
 * @param evidence against his honesty
 * @param rung by evidence
 * @param group digest of the caller's group, to be fair by; 0 when it is not known
 * @param bits that he was told of the model
 */
public record Standing(long id, double evidence, Rung rung, char group, double bits) {
    static Standing of(Account account) {
        return new Standing(
                account.id,
                account.carriedEvidence(),
                account.rung(),
                account.group,
                account.ledger().bits());
    }

    /** Nothing is: as one who never called. */
    boolean isClean() {
        return evidence == 1 && rung == Rung.CONTRACT && bits == 0;
    }
}
