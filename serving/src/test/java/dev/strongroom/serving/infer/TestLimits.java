package dev.strongroom.serving.infer;

import java.time.Duration;

/** Standard limits with something else in one place. */
public final class TestLimits {
    private TestLimits() {}

    /** One worker, and these times. */
    static ServingLimits times(int queued, Duration patience, Duration run) {
        ServingLimits standard = ServingLimits.of(1 << 20, 1, queued);
        return new ServingLimits(
                standard.messageBytes(),
                standard.workers(),
                standard.queued(),
                patience,
                run,
                standard.workingBytes(),
                standard.peers(),
                standard.heapBytes(),
                standard.tenants());
    }

    public static ServingLimits workingBytes(ServingLimits limits, long bytes) {
        return with(limits, bytes, limits.peers(), limits.heapBytes());
    }

    public static ServingLimits peers(ServingLimits limits, PeerLimits peers) {
        return with(limits, limits.workingBytes(), peers, limits.heapBytes());
    }

    public static ServingLimits heap(ServingLimits limits, long bytes) {
        return with(limits, limits.workingBytes(), limits.peers(), bytes);
    }

    private static ServingLimits with(
            ServingLimits limits, long workingBytes, PeerLimits peers, long heapBytes) {
        return new ServingLimits(
                limits.messageBytes(),
                limits.workers(),
                limits.queued(),
                limits.patience(),
                limits.run(),
                workingBytes,
                peers,
                heapBytes,
                limits.tenants());
    }

    public static ServingLimits tenants(ServingLimits limits, int tenants) {
        return new ServingLimits(
                limits.messageBytes(),
                limits.workers(),
                limits.queued(),
                limits.patience(),
                limits.run(),
                limits.workingBytes(),
                limits.peers(),
                limits.heapBytes(),
                tenants);
    }

    public static ServingLimits connectionsPerAddress(ServingLimits limits, int most) {
        return peers(
                limits, new PeerLimits(PeerLimits.DEFAULT_IDLE, most, PeerLimits.Reflection.OFF));
    }
}
