package dev.strongroom.attestation.tpm;

import java.util.List;
import java.util.Optional;

/** Whether firmware enforced signatures at this boot, as an event log that replays tells it. */
final class SecureBoot {
    static final int PCR = 7;

    private SecureBoot() {}

    /**
     * The state, if the log tells it exactly once before the separator of register 7, with a digest
     * of just these bytes in the bank.
     */
    static Optional<Boolean> state(EventLog log, HashAlgorithm bank) {
        List<LogEvent> beforeBoot =
                log.events().stream()
                        .filter(event -> event.pcr() == PCR)
                        .takeWhile(event -> event.type() != LogEvent.EV_SEPARATOR)
                        .filter(event -> event.secureBoot().isPresent())
                        .toList();
        return beforeBoot.size() == 1 && beforeBoot.getFirst().measures(bank)
                ? beforeBoot.getFirst().secureBoot()
                : Optional.empty();
    }
}
