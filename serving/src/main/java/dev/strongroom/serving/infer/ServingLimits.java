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
 * @param idle longest that a call holds anything here without its caller sending or reading
 * @param workingBytes largest tensor that a graph may need between its inputs and its answer, as
 *     far as the sizes tell that a caller chose
 * @param connectionsPerAddress at a time; one more is closed before anything is said on it
 * @param reflection whether callers may ask what services look like
 */
public record ServingLimits(
        int messageBytes,
        int workers,
        int queued,
        int batchRows,
        Duration patience,
        Duration run,
        Duration idle,
        long workingBytes,
        int connectionsPerAddress,
        Reflection reflection) {
    /** Of gRPC's server. */
    public enum Reflection {
        OFF,
        ON
    }

    /** An embedding model's answer to 32 sequences of 128 tokens is 6 MiB. */
    public static final int DEFAULT_MESSAGE_BYTES = 64 << 20;

    private static final int FRAME_BYTES = 64 * 1024;

    public static final int DEFAULT_QUEUED = 64;

    /** More gained nothing where measured: rows of a batch already share each weight's fetch. */
    public static final int DEFAULT_BATCH_ROWS = 8;

    public static final Duration DEFAULT_WAIT = Duration.ofSeconds(10);
    public static final Duration DEFAULT_RUN = Duration.ofSeconds(60);

    /** A message of the default size over a slow line takes less. */
    public static final Duration DEFAULT_IDLE = Duration.ofMinutes(2);

    /** Sequences of 65,536 in one row, and four times the rows of that at half the length. */
    public static final long DEFAULT_WORKING_BYTES = 64L << 30;

    /** As many as the standard output policy gives an identity; a balancer in front needs more. */
    public static final int DEFAULT_CONNECTIONS_PER_ADDRESS = 256;

    public ServingLimits {
        if (messageBytes < 1
                || workers < 1
                || queued < 1
                || batchRows < 1
                || workingBytes < 1
                || connectionsPerAddress < 1) {
            throw new IllegalArgumentException("limits: expected numbers above zero");
        }
        if (!patience.isPositive() || !run.isPositive() || !idle.isPositive()) {
            throw new IllegalArgumentException("limits: expected times above zero");
        }
    }

    /** These sizes and times, and the defaults of everything else. */
    public ServingLimits(
            int messageBytes,
            int workers,
            int queued,
            int batchRows,
            Duration patience,
            Duration run) {
        this(
                messageBytes,
                workers,
                queued,
                batchRows,
                patience,
                run,
                DEFAULT_IDLE,
                DEFAULT_WORKING_BYTES,
                DEFAULT_CONNECTIONS_PER_ADDRESS,
                Reflection.OFF);
    }

    /** These sizes, and the defaults of everything else. */
    public static ServingLimits of(int messageBytes, int workers, int queued) {
        return new ServingLimits(
                messageBytes, workers, queued, DEFAULT_BATCH_ROWS, DEFAULT_WAIT, DEFAULT_RUN);
    }

    /** Of the largest message, with the names and shapes round its tensors. */
    public long framedBytes() {
        return (long) messageBytes + FRAME_BYTES;
    }

    /** These, and so many bytes for one tensor in between. */
    public ServingLimits workingBytes(long bytes) {
        return new ServingLimits(
                messageBytes,
                workers,
                queued,
                batchRows,
                patience,
                run,
                idle,
                bytes,
                connectionsPerAddress,
                reflection);
    }

    /** These, and so long for a caller who does not move. */
    public ServingLimits idle(Duration longest) {
        return new ServingLimits(
                messageBytes,
                workers,
                queued,
                batchRows,
                patience,
                run,
                longest,
                workingBytes,
                connectionsPerAddress,
                reflection);
    }

    /** These, and reflection on or off. */
    public ServingLimits reflection(Reflection asked) {
        return new ServingLimits(
                messageBytes,
                workers,
                queued,
                batchRows,
                patience,
                run,
                idle,
                workingBytes,
                connectionsPerAddress,
                asked);
    }

    /** These, and so many connections of one address. */
    public ServingLimits connectionsPerAddress(int most) {
        return new ServingLimits(
                messageBytes,
                workers,
                queued,
                batchRows,
                patience,
                run,
                idle,
                workingBytes,
                most,
                reflection);
    }
}
