package dev.strongroom.enclave.posture;

import dev.strongroom.attestation.Posture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether this process may hold plaintext, and every condition that was looked at.
 *
 * <p>Level {@code base}: not dumpable, no core file, no attach, no agent, no heap or crash dump, no
 * swap, inference telemetry off. Level {@code hardened} adds what {@link Hardening} looks at.
 *
 * <p>The level is a claim of the process about itself; what backs it is the measurement in the
 * evidence, which covers the code that checks.
 */
public sealed interface Fitness permits Fit, Unfit {
    /** What the launcher passes to the virtual machine so that {@link #reach} can say yes. */
    List<String> VIRTUAL_MACHINE_OPTIONS =
            List.of(
                    "-XX:+DisableAttachMechanism",
                    "-XX:-HeapDumpOnOutOfMemoryError",
                    "-XX:+SuppressFatalErrorMessage",
                    "-XX:-UsePerfData");

    /** Every condition of the level that was asked for, in a fixed order. */
    List<Condition> conditions();

    /**
     * Closes what this process can close itself (dumps, core files; all of memory locked when there
     * is swap; at {@code hardened} all of memory in any case, and a filter over system calls), then
     * looks at everything. What was closed stays so.
     *
     * @param level to reach; claimed when every condition of it is met
     * @param configuration the file that this process was configured by
     */
    static Fitness reach(Posture level, Path configuration) {
        Facts facts = Facts.gather();
        List<Condition> conditions = new ArrayList<>(facts.conditions());
        if (level == Posture.HARDENED) {
            conditions.addAll(Hardening.close().look(configuration).conditions());
        }
        return conditions.stream().allMatch(Condition::met)
                ? new Fit(level, conditions, facts.remarks())
                : new Unfit(conditions);
    }
}
