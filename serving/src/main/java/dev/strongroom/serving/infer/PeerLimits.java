package dev.strongroom.serving.infer;

import java.time.Duration;

/**
 * What the other ends of connections are held to, whatever they ask.
 *
 * @param idle longest that a call holds anything here without its caller sending or reading
 * @param connectionsPerAddress at a time; one more is closed before anything is said on it
 * @param reflection whether callers may ask what services look like
 */
public record PeerLimits(Duration idle, int connectionsPerAddress, Reflection reflection) {
    /** Of gRPC's server. */
    public enum Reflection {
        OFF,
        ON
    }

    /** A message of the default size over a slow line takes less. */
    public static final Duration DEFAULT_IDLE = Duration.ofMinutes(2);

    /** As many as the standard output policy gives an identity; a balancer in front needs more. */
    public static final int DEFAULT_CONNECTIONS_PER_ADDRESS = 256;

    public static final PeerLimits STANDARD =
            new PeerLimits(DEFAULT_IDLE, DEFAULT_CONNECTIONS_PER_ADDRESS, Reflection.OFF);

    public PeerLimits {
        if (!idle.isPositive() || connectionsPerAddress < 1) {
            throw new IllegalArgumentException("limits: expected a time and a number above zero");
        }
    }
}
