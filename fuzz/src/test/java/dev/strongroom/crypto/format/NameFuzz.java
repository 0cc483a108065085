package dev.strongroom.crypto.format;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** The name of a model, as callers type and send it. */
class NameFuzz {
    static List<byte[]> seeds() {
        return List.of("acme/embedder".getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsANameOrRefuses(byte[] input) throws Exception {
        Hostile.reread(
                input,
                IllegalArgumentException.class,
                bytes -> ModelName.parse(new String(bytes, StandardCharsets.UTF_8)),
                name -> name.toString().getBytes(StandardCharsets.UTF_8));
    }
}
