package dev.strongroom.crypto.transparency;

import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** A cosignature, as a witness sends it. */
class CosignatureFuzz {
    static List<byte[]> seeds() {
        return List.of(new Cosignature(1_679_315_147, new byte[64]).encode());
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsOneEncodingOrRefuses(byte[] input) throws Exception {
        Hostile.reread(
                input, SealedFormatException.class, Cosignature::decode, Cosignature::encode);
    }
}
