package dev.strongroom.attestation.tpm;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Whether firmware enforced signatures at this boot, as an event log that replays tells it.
 *
 * <p>A replay holds a log to its digests and to their order, and to nothing else: types are
 * anybody's word, and root can extend register 7 by digests of its choice after the firmware is
 * done. So only what firmware must measure first counts, and only digests say where it ended.
 */
final class SecureBoot {
    static final int PCR = 7;

    private static final int SEPARATOR_BYTES = 4;

    private SecureBoot() {}

    /**
     * The state, if the first measurement of register 7 tells it, with a digest of just these bytes
     * in the bank, and none up to the separator tells it again.
     */
    static Optional<Boolean> state(EventLog log, HashAlgorithm bank) {
        byte[] separator = bank.digest(new byte[SEPARATOR_BYTES]);
        List<LogEvent> ofFirmware =
                log.events().stream()
                        .filter(event -> event.pcr() == PCR && event.extended(bank).isPresent())
                        .takeWhile(event -> !extendedBy(event, bank, separator))
                        .toList();
        if (ofFirmware.isEmpty() || !ofFirmware.getFirst().measures(bank)) {
            return Optional.empty();
        }
        boolean again = ofFirmware.stream().skip(1).anyMatch(it -> it.secureBoot().isPresent());
        return again ? Optional.empty() : ofFirmware.getFirst().secureBoot();
    }

    private static boolean extendedBy(LogEvent event, HashAlgorithm bank, byte[] digest) {
        return event.extended(bank).filter(it -> Arrays.equals(it, digest)).isPresent();
    }
}
