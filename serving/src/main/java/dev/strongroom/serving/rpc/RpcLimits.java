package dev.strongroom.serving.rpc;

/**
 * Bounds of the inference endpoint.
 *
 * @param messageBytes largest request and largest answer
 * @param workers inferences that run at a time
 * @param queued inferences that wait; one more is refused
 */
public record RpcLimits(int messageBytes, int workers, int queued) {
    /** An embedding model's answer to 32 sequences of 128 tokens is 6 MiB. */
    public static final int DEFAULT_MESSAGE_BYTES = 64 << 20;

    public static final int DEFAULT_QUEUED = 64;

    public RpcLimits {
        if (messageBytes < 1 || workers < 1 || queued < 1) {
            throw new IllegalArgumentException("limits: expected numbers above zero");
        }
    }
}
