package dev.strongroom.attestation.tdx;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** The extension of a PCK certificate, DER. */
class PckExtensionFuzz {
    static List<byte[]> seeds() {
        return List.of(PckBytes.of(SoftwarePlatform.components(), SoftwarePlatform.PCE_SVN));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsAnExtensionOrRefuses(byte[] input) throws Exception {
        Hostile.read(input, TdxFormatException.class, PckExtension::parse);
    }
}
