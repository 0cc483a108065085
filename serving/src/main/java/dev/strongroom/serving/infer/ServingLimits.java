package dev.strongroom.serving.infer;

import java.time.Duration;

/**
 * Bounds of the inference endpoint.
 *
 * @param messageBytes largest request and largest answer
 * @param workers inferences that run at a time
 * @param queued inferences that wait, of all models; one more is refused
 * @param batchRows rows of several callers that run at once; 1 keeps every request for itself
 * @param patience longest that an inference waits before it runs; what would wait longer is refused
 * @param run longest that an inference runs
 */
public record ServingLimits(
        int messageBytes, int workers, int queued, int batchRows, Duration patience, Duration run) {
    /** An embedding model's answer to 32 sequences of 128 tokens is 6 MiB. */
    public static final int DEFAULT_MESSAGE_BYTES = 64 << 20;

    public static final int DEFAULT_QUEUED = 64;

    /** More gained nothing where measured: rows of a batch already share each weight's fetch. */
    public static final int DEFAULT_BATCH_ROWS = 8;

    public static final Duration DEFAULT_WAIT = Duration.ofSeconds(10);
    public static final Duration DEFAULT_RUN = Duration.ofSeconds(60);

    public ServingLimits {
        if (messageBytes < 1 || workers < 1 || queued < 1 || batchRows < 1) {
            throw new IllegalArgumentException("limits: expected numbers above zero");
        }
        if (!patience.isPositive() || !run.isPositive()) {
            throw new IllegalArgumentException("limits: expected times above zero");
        }
    }

    /** These sizes, and the defaults of everything else. */
    public static ServingLimits of(int messageBytes, int workers, int queued) {
        return new ServingLimits(
                messageBytes, workers, queued, DEFAULT_BATCH_ROWS, DEFAULT_WAIT, DEFAULT_RUN);
    }
}
