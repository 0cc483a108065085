package dev.strongroom.enclave.lease;

import dev.strongroom.enclave.libc.Libc;
import dev.strongroom.enclave.libc.LibcException;

/**
 * Time that no setting of a clock moves: CLOCK_BOOTTIME, which unlike {@link System#nanoTime} goes
 * on while the machine is suspended. Its pace is the host's all the same.
 */
public final class MonotonicClock {
    private MonotonicClock() {}

    /** Nanoseconds since some moment before; only differences mean anything. */
    public static long nanos() {
        try {
            return Libc.bootNanos();
        } catch (LibcException e) {
            throw new IllegalStateException("every supported kernel has CLOCK_BOOTTIME", e);
        }
    }
}
