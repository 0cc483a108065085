package dev.strongroom.crypto.custody;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * What a custodian can do at this moment. From a loss it goes through Quiescing and Recovering to
 * Serving or Down; only Serving does any work.
 */
public sealed interface TokenState {
    /** The token answers. */
    record Serving() implements TokenState {}

    /**
     * The token was lost; calls in flight end, new ones wait.
     *
     * @param loss what showed it
     */
    record Quiescing(String loss) implements TokenState {}

    /**
     * The module is started again, with one login, the self-test and a search for every key.
     *
     * @param loss what showed that the token was lost
     */
    record Recovering(String loss) implements TokenState {}

    /**
     * The token could not be had back; nothing is done with it, and no key is made in place of one
     * that is missing.
     *
     * @param reason why the last recovery failed
     * @param message the same in words, with what to do next; holds no secret
     * @param since when it was lost
     * @param nextAttempt from when on the next call tries again; empty if only an operator can say
     *     so, for example after a wrong PIN
     */
    record Down(
            CustodyException.Reason reason,
            String message,
            Instant since,
            Optional<Instant> nextAttempt)
            implements TokenState {}

    /**
     * The token was asked and did not answer in time: it gives no more sessions, or calls in it do
     * not end. Nothing says that it was lost, so it is neither left nor started again.
     *
     * @param message what was waited for; holds no secret
     */
    record Busy(String message) implements TokenState {}

    /** The custodian was closed. */
    record Closed() implements TokenState {}

    /** Stable name for health checks and logs, for example {@code serving}. */
    default String label() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }
}
