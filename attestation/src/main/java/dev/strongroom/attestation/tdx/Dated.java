package dev.strongroom.attestation.tdx;

import java.time.Instant;
import java.util.Comparator;

/** Collateral that counts for a time and belongs to a TCB recovery. */
interface Dated {
    /** The recovery decides, then the day: what a verifier prefers when it was given several. */
    Comparator<Dated> AGE =
            Comparator.comparingInt(Dated::evaluationDataNumber).thenComparing(Dated::issueDate);

    Instant issueDate();

    Instant nextUpdate();

    int evaluationDataNumber();

    default boolean isCurrentAt(Instant now) {
        return !now.isBefore(issueDate()) && !now.isAfter(nextUpdate());
    }
}
