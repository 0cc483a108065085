package dev.strongroom.vault.release;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.security.KeyPairGenerator;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** The key that a node wants the data key wrapped to. */
class KemKeyFuzz {
    static List<byte[]> seeds() throws Exception {
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(3072);
        return List.of(generator.generateKeyPair().getPublic().getEncoded());
    }

    @MethodSource("seeds")
    @Fuzzed
    void isUsableOrNot(byte[] input) throws Exception {
        Hostile.read(input, IllegalArgumentException.class, KemKey::isUsable);
    }
}
