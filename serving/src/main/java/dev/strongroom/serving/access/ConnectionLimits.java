package dev.strongroom.serving.access;

import dev.strongroom.crypto.output.OutputPolicy;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/**
 * Who may connect, how often and for how long. An end of age also bounds how long a connection
 * outlives its certificate.
 *
 * @param idle without a call
 * @param age in all; calls under way are not cut off by it
 * @param grace for calls under way when the age is reached
 * @param unread an answer of which nothing is read for so long ends the connection, over HTTP
 * @param perIdentity connections of one identity at a time; calls over one more are refused
 * @param admits addresses of the transport's peers; calls from others are refused
 */
public record ConnectionLimits(
        Duration idle,
        Duration age,
        Duration grace,
        Duration unread,
        int perIdentity,
        Predicate<InetAddress> admits) {
    private static final Duration IDLE = Duration.ofMinutes(5);
    private static final Duration AGE = Duration.ofHours(1);
    private static final Duration GRACE = Duration.ofMinutes(2);
    private static final Duration UNREAD = Duration.ofMinutes(1);

    /** With a minute for who reads nothing. */
    public ConnectionLimits(
            Duration idle,
            Duration age,
            Duration grace,
            int perIdentity,
            Predicate<InetAddress> admits) {
        this(idle, age, grace, UNREAD, perIdentity, admits);
    }

    /** Those of a policy, and never longer than an hour. */
    public static ConnectionLimits of(OutputPolicy policy) {
        return of(List.of(policy));
    }

    /** What all of these policies allow, for a connection to every one of their models. */
    public static ConnectionLimits of(List<OutputPolicy> policies) {
        Duration idle = IDLE;
        Duration age = AGE;
        int perIdentity = Integer.MAX_VALUE;
        for (OutputPolicy policy : policies) {
            idle = min(idle, policy.sessions().idle());
            age = min(age, policy.sessions().absolute());
            perIdentity = Math.min(perIdentity, policy.sessions().concurrent());
        }
        return new ConnectionLimits(
                idle,
                age,
                GRACE,
                perIdentity,
                address -> policies.stream().allMatch(policy -> policy.network().admits(address)));
    }

    /** What somebody under one of these may: before it is known under which. */
    public static ConnectionLimits ofAny(List<ConnectionLimits> each) {
        return each.stream().reduce(ConnectionLimits::or).orElseGet(() -> of(List.of()));
    }

    private ConnectionLimits or(ConnectionLimits other) {
        return new ConnectionLimits(
                max(idle, other.idle),
                max(age, other.age),
                max(grace, other.grace),
                max(unread, other.unread),
                Math.max(perIdentity, other.perIdentity),
                admits.or(other.admits));
    }

    private static Duration max(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? other : one;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
