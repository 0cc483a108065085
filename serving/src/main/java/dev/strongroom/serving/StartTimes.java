package dev.strongroom.serving;

import java.lang.management.ManagementFactory;
import java.util.StringJoiner;

/**
 * When each part of a node's start ended, in milliseconds since its virtual machine began.
 *
 * <p>For one thread.
 */
final class StartTimes {
    private final long begun = ManagementFactory.getRuntimeMXBean().getStartTime();
    private final StringJoiner parts = new StringJoiner(" ");

    void ended(String part) {
        parts.add(part + "=" + (System.currentTimeMillis() - begun));
    }

    /** {@code part=milliseconds}, in the order in which they ended. */
    @Override
    public String toString() {
        return parts.toString();
    }
}
