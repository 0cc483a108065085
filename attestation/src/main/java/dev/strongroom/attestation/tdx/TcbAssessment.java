package dev.strongroom.attestation.tdx;

import java.time.Instant;
import java.util.SortedSet;

/**
 * How Intel rates the platform that signed a quote: its processor, microcode, TDX module and
 * quoting enclave together.
 *
 * @param launch rating at the security versions under which the domain was launched (TEE_TCB_SVN)
 * @param current rating now: another one only if the TDX module was updated under the running
 *     domain (TEE_TCB_SVN2, TDX 1.5), else the same
 * @param advisories Intel's security advisories that stand against either
 * @param tcbDate everything that Intel fixed before this day is fixed in what the domain was
 *     launched under
 * @param evaluationDataNumber the older of the TCB recoveries that TCB info and QE identity are of
 */
public record TcbAssessment(
        TcbStatus launch,
        TcbStatus current,
        SortedSet<String> advisories,
        Instant tcbDate,
        int evaluationDataNumber) {

    /** Both ratings at their worst. */
    public TcbStatus status() {
        return launch.and(current);
    }

    /**
     * Whether the platform was updated under the running domain: launched again, it would no longer
     * be out of date.
     */
    public boolean relaunchAdvised() {
        return launch.isOutOfDate() && !current.isOutOfDate();
    }
}
