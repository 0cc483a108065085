package dev.strongroom.attestation.tdx;

import java.util.Arrays;
import java.util.Optional;

/** How Intel rates a part of a platform at its security versions, from best to worst. */
public enum TcbStatus {
    UP_TO_DATE("UpToDate"),
    /** Up to date if the software in the domain is hardened as the advisories say. */
    SW_HARDENING_NEEDED("SWHardeningNeeded"),
    /** Up to date if the platform is configured as the advisories say. */
    CONFIGURATION_NEEDED("ConfigurationNeeded"),
    CONFIGURATION_AND_SW_HARDENING_NEEDED("ConfigurationAndSWHardeningNeeded"),
    OUT_OF_DATE("OutOfDate"),
    OUT_OF_DATE_CONFIGURATION_NEEDED("OutOfDateConfigurationNeeded"),
    /** Its keys are compromised: a signature of it proves nothing. */
    REVOKED("Revoked");

    private final String label;

    TcbStatus(String label) {
        this.label = label;
    }

    /** Intel's word. */
    public String label() {
        return label;
    }

    static Optional<TcbStatus> ofLabel(String label) {
        return Arrays.stream(values()).filter(status -> status.label.equals(label)).findFirst();
    }

    boolean isOutOfDate() {
        return this == OUT_OF_DATE || this == OUT_OF_DATE_CONFIGURATION_NEEDED;
    }

    private boolean needsConfiguration() {
        return this == CONFIGURATION_NEEDED
                || this == CONFIGURATION_AND_SW_HARDENING_NEEDED
                || this == OUT_OF_DATE_CONFIGURATION_NEEDED;
    }

    private boolean needsHardening() {
        return this == SW_HARDENING_NEEDED || this == CONFIGURATION_AND_SW_HARDENING_NEEDED;
    }

    /**
     * What holds for a platform of which one part is rated this and another that: everything that
     * is wrong with either. Where the other part is up to date, out of date or revoked this is
     * Intel's rule (API, "TCB status evaluation"); for what else a part may be, it is no milder.
     */
    TcbStatus and(TcbStatus other) {
        if (this == REVOKED || other == REVOKED) {
            return REVOKED;
        }
        boolean configuration = needsConfiguration() || other.needsConfiguration();
        if (isOutOfDate() || other.isOutOfDate()) {
            return configuration ? OUT_OF_DATE_CONFIGURATION_NEEDED : OUT_OF_DATE;
        }
        boolean hardening = needsHardening() || other.needsHardening();
        if (configuration) {
            return hardening ? CONFIGURATION_AND_SW_HARDENING_NEEDED : CONFIGURATION_NEEDED;
        }
        return hardening ? SW_HARDENING_NEEDED : UP_TO_DATE;
    }
}
