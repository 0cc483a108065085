package dev.strongroom.serving.infer;

import java.time.Duration;

/**
 * Bounds of the inference endpoint.
 *
 * @param messageBytes largest request and largest answer
 * @param workers inferences that run at a time
 * @param queued inferences that wait, of all models; one more is refused
 * @param patience longest that an inference waits before it runs; what would wait longer is refused
 * @param run longest that an inference runs
 * @param workingBytes largest tensor that a graph may need between its inputs and its answer, as
 *     far as the sizes tell that a caller chose
 * @param heapBytes the most that this process's heap may have, of which callers fill half
 * @param tenants whose models are served; each has an equal part of what many share
 */
public record ServingLimits(
        int messageBytes,
        int workers,
        int queued,
        Duration patience,
        Duration run,
        long workingBytes,
        PeerLimits peers,
        long heapBytes,
        int tenants) {
    /** An embedding model's answer to 32 sequences of 128 tokens is 6 MiB. */
    public static final int DEFAULT_MESSAGE_BYTES = 64 << 20;

    private static final int FRAME_BYTES = 64 * 1024;

    public static final int DEFAULT_QUEUED = 64;

    public static final Duration DEFAULT_WAIT = Duration.ofSeconds(10);
    public static final Duration DEFAULT_RUN = Duration.ofSeconds(60);

    /** Sequences of 65,536 in one row, and four times the rows of that at half the length. */
    public static final long DEFAULT_WORKING_BYTES = 64L << 30;

    public ServingLimits {
        if (messageBytes < 1 || workers < 1 || queued < 1 || workingBytes < 1 || tenants < 1) {
            throw new IllegalArgumentException("limits: expected numbers above zero");
        }
        if (!patience.isPositive() || !run.isPositive()) {
            throw new IllegalArgumentException("limits: expected times above zero");
        }
    }

    /** One tenant, these sizes, the defaults of everything else, and a heap that bounds nothing. */
    public static ServingLimits of(int messageBytes, int workers, int queued) {
        return new ServingLimits(
                messageBytes,
                workers,
                queued,
                DEFAULT_WAIT,
                DEFAULT_RUN,
                DEFAULT_WORKING_BYTES,
                PeerLimits.STANDARD,
                Long.MAX_VALUE,
                1);
    }

    /** Of the largest message, with the names and shapes round its tensors. */
    public long framedBytes() {
        return (long) messageBytes + FRAME_BYTES;
    }

    /**
     * A new account of bytes that callers have this node hold, one of the four that its heap has
     * room for.
     *
     * @throws IllegalArgumentException if it has no room for one of the largest messages
     */
    public Shares account() {
        return HeldBytes.of(heapBytes, framedBytes(), tenants).account();
    }
}
