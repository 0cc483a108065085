package dev.strongroom.serving.infer;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the answers that callers have not read yet, so that those who never read fill no memory.
 *
 * <p>Thread-safe.
 */
public final class UnreadAnswers {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final long limitBytes;
    private final AtomicLong bytes = new AtomicLong();

    UnreadAnswers(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** Makes room for an answer; who took it gives it back once the answer is read, or never is. */
    public void take(long answerBytes) throws RefusedException {
        if (bytes.addAndGet(answerBytes) > limitBytes) {
            bytes.addAndGet(-answerBytes);
            throw RefusedException.exhausted(
                    "ANSWERS_UNREAD",
                    "%d bytes of answers wait for their callers to read them; try again later"
                            .formatted(limitBytes),
                    RETRY_AFTER);
        }
    }

    public void give(long answerBytes) {
        bytes.addAndGet(-answerBytes);
    }
}
