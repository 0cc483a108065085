package dev.strongroom.crypto.open;

import static org.assertj.core.api.Assertions.assertThat;

import dev.strongroom.crypto.format.OaepHash;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** What RSA gave, unpadded: always as long as the modulus, otherwise anything. */
class OaepFuzz {
    private static final int MODULUS_BYTES = 384;
    private static final int KEY_BYTES = 32;

    static List<byte[]> seeds() {
        return List.of(new byte[MODULUS_BYTES]);
    }

    @MethodSource("seeds")
    @Fuzzed
    void givesAKeyOrNothing(byte[] input) throws Exception {
        for (OaepHash hash : OaepHash.values()) {
            byte[] encoded = Arrays.copyOf(input, MODULUS_BYTES);
            Hostile.read(
                    encoded,
                    IllegalArgumentException.class,
                    bytes -> Oaep.decode(bytes, hash, KEY_BYTES));
            assertThat(encoded).containsOnly(0);
        }
    }
}
