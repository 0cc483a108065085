package dev.strongroom.crypto.transparency;

import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** A witness's key, as an operator or an owner was told it. */
class WitnessKeyFuzz {
    static List<byte[]> seeds() {
        return List.of(
                Witness.named("witness.example/w1").key().text().getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsOneEncodingOrRefuses(byte[] input) throws Exception {
        var text = new String(input, StandardCharsets.UTF_8);
        Hostile.reread(
                text.getBytes(StandardCharsets.UTF_8),
                SealedFormatException.class,
                _ -> WitnessKey.parse(text),
                key -> key.text().getBytes(StandardCharsets.UTF_8));
    }
}
