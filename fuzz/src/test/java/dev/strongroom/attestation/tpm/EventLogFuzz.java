package dev.strongroom.attestation.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** A boot's log, and what its replay says. */
class EventLogFuzz {
    static List<byte[]> seeds() {
        return List.of(
                EventLogTest.log(),
                EventLogTest.log(
                        EventLogTest.event(4, 1, new byte[] {1}),
                        EventLogTest.event(
                                7,
                                LogEvent.EV_EFI_VARIABLE_DRIVER_CONFIG,
                                EventLogTest.secureBoot(1)),
                        EventLogTest.event(7, EventLogTest.SEPARATOR, new byte[4])));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsALogOrRefuses(byte[] input) throws Exception {
        var replayed =
                Hostile.read(
                        input,
                        TpmFormatException.class,
                        bytes -> {
                            EventLog log = EventLog.parse(bytes);
                            SecureBoot.state(log, HashAlgorithm.SHA256);
                            return log.replay(HashAlgorithm.SHA256);
                        });
        replayed.ifPresent(registers ->
                assertThat(registers)
                        .allSatisfy((pcr, value) -> {
                            assertThat(pcr).isBetween(0, LogEvent.MAX_PCR);
                            assertThat(value).hasSize(32);
                        }));
    }
}
