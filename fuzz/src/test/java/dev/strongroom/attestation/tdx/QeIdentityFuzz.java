package dev.strongroom.attestation.tdx;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** Intel's identity of the quoting enclave, JSON: the signed member. */
class QeIdentityFuzz {
    static List<byte[]> seeds() {
        return List.of(TestCollateral.qeIdentity().getBytes(StandardCharsets.US_ASCII));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsAnIdentityOrRefuses(byte[] input) throws Exception {
        Hostile.read(input, TdxFormatException.class, QeIdentity::parse);
    }
}
