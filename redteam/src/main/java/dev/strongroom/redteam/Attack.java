package dev.strongroom.redteam;

/**
 * Chooses queries one after the other and is told the replies. A new one for each run; not
 * thread-safe.
 */
interface Attack {
    float[] next();

    /** The reply to the last query: a distribution, one-hot when only the label was given. */
    default void told(float[] reply) {}
}
