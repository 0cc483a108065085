package dev.strongroom.crypto.format;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** How a decoder generates, JSON. */
class GenerationSettingsFuzz {
    static List<byte[]> seeds() {
        return List.of(
                "{\"version\":1,\"endOfSequence\":[7,50256],\"contextTokens\":1024}"
                        .getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsSettingsOrRefuses(byte[] input) throws Exception {
        Hostile.read(input, SealedFormatException.class, GenerationSettings::parse);
    }
}
