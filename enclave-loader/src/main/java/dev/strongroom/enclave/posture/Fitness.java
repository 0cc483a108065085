package dev.strongroom.enclave.posture;

import java.util.List;

/**
 * Whether this process may hold plaintext, at level {@code base}: not dumpable, no core file, no
 * attach, no agent, no heap or crash dump, no swap, inference telemetry off.
 *
 * <p>The level is a claim of the process about itself; what backs it is the measurement in the
 * evidence, which covers the code that checks.
 */
public sealed interface Fitness permits Fit, Unfit {
    /** What the launcher passes to the virtual machine so that {@link #check} can say yes. */
    List<String> VIRTUAL_MACHINE_OPTIONS =
            List.of(
                    "-XX:+DisableAttachMechanism",
                    "-XX:-HeapDumpOnOutOfMemoryError",
                    "-XX:+SuppressFatalErrorMessage",
                    "-XX:-UsePerfData");

    /**
     * Closes what this process can close itself (dumps, core files; all of memory locked when there
     * is swap), then looks at everything.
     */
    static Fitness check() {
        return Facts.gather().judge();
    }
}
