package dev.strongroom.serving.rpc;

import java.time.Duration;

/**
 * How long a connection may stay. An end of age also bounds how long one outlives its certificate.
 *
 * @param idle without a call
 * @param age in all; calls under way are not cut off by it
 * @param grace for calls under way when the age is reached
 */
record ConnectionLimits(Duration idle, Duration age, Duration grace) {
    static final ConnectionLimits DEFAULT =
            new ConnectionLimits(Duration.ofMinutes(5), Duration.ofHours(1), Duration.ofMinutes(2));
}
