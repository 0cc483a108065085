package dev.strongroom.attestation.tdx;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** Intel's TCB info, JSON: the signed member. */
class TcbInfoFuzz {
    static List<byte[]> seeds() {
        return List.of(TestCollateral.tcbInfo().getBytes(StandardCharsets.US_ASCII));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsTcbInfoOrRefuses(byte[] input) throws Exception {
        Hostile.read(input, TdxFormatException.class, TcbInfo::parse);
    }
}
