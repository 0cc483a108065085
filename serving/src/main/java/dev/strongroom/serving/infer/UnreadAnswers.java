package dev.strongroom.serving.infer;

import java.time.Duration;

/**
 * Bounds the answers that callers have not read yet, so that those who never read fill no memory,
 * and keep none of it from those who do: one identity can leave no more than its share unread.
 *
 * <p>Thread-safe.
 */
public final class UnreadAnswers {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final Shares bytes;

    UnreadAnswers(Shares bytes) {
        this.bytes = bytes;
    }

    /** Makes room for an answer; who took it gives it back once the answer is read, or never is. */
    public void take(Caller caller, long answerBytes) throws RefusedException {
        if (!bytes.take(caller.identity(), answerBytes)) {
            throw RefusedException.exhausted(
                    "ANSWERS_UNREAD",
                    "answers wait for their callers to read them, at most %d bytes for one"
                                    .formatted(bytes.share())
                            + " identity; read them, or try again later",
                    RETRY_AFTER);
        }
    }

    public void give(Caller caller, long answerBytes) {
        bytes.give(caller.identity(), answerBytes);
    }
}
