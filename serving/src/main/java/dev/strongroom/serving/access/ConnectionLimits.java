package dev.strongroom.serving.access;

import dev.strongroom.crypto.output.OutputPolicy;
import java.net.InetAddress;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * Who may connect, how often and for how long. An end of age also bounds how long a connection
 * outlives its certificate.
 *
 * @param idle without a call
 * @param age in all; calls under way are not cut off by it
 * @param grace for calls under way when the age is reached
 * @param perIdentity connections of one identity at a time; calls over one more are refused
 * @param admits addresses of the transport's peers; calls from others are refused
 */
public record ConnectionLimits(
        Duration idle,
        Duration age,
        Duration grace,
        int perIdentity,
        Predicate<InetAddress> admits) {
    private static final Duration IDLE = Duration.ofMinutes(5);
    private static final Duration AGE = Duration.ofHours(1);
    private static final Duration GRACE = Duration.ofMinutes(2);

    /** Those of a policy, and never longer than an hour. */
    public static ConnectionLimits of(OutputPolicy policy) {
        var sessions = policy.sessions();
        return new ConnectionLimits(
                min(IDLE, sessions.idle()),
                min(AGE, sessions.absolute()),
                GRACE,
                sessions.concurrent(),
                policy.network()::admits);
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
