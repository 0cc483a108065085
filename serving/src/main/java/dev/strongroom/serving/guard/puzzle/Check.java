package dev.strongroom.serving.guard.puzzle;

/** A solution that waits for its turn. Called by one thread at a time. */
interface Check {
    /** KiB of memory that it goes over, all passes together: what its time is proportional to. */
    long kib();

    /** False if nobody waits for it any more, and it is not looked at. */
    boolean begin();

    /** Takes its time. */
    boolean isRight();

    /** Before anybody hears of the verdict. */
    void ended(Verdict verdict);
}
