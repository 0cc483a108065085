package dev.strongroom.crypto.format;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** The claims of a result token. */
class AttestationResultFuzz {
    static List<byte[]> seeds() {
        return List.of(ResultTokenTest.result().encode());
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsOneSpellingOrRefuses(byte[] input) throws Exception {
        Hostile.reread(
                input,
                SealedFormatException.class,
                AttestationResult::decode,
                AttestationResult::encode);
    }
}
