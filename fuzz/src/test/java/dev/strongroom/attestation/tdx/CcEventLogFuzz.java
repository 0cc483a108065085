package dev.strongroom.attestation.tdx;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** The event log of a trust domain and the area it lies in. */
class CcEventLogFuzz {
    static List<byte[]> seeds() {
        var log = new CcLogBytes().event(1, "firmware").event(2, "kernel").event(4, "runtime");
        return List.of(log.encoded(), log.filled(0x00), log.filled(0xff));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsALogOrRefuses(byte[] input) throws Exception {
        Hostile.read(input, TdxFormatException.class, CcEventLog::parse);
    }
}
