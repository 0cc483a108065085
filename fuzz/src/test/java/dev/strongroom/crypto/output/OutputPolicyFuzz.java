package dev.strongroom.crypto.output;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** An owner's rules for what nodes give out, JSON. */
class OutputPolicyFuzz {
    static List<byte[]> seeds() {
        return List.of(OutputPolicy.standard().canonical().getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsAPolicyOrRefuses(byte[] input) throws Exception {
        Hostile.read(input, OutputFormatException.class, OutputPolicy::parse);
    }
}
