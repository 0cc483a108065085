package dev.strongroom.crypto.format;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.security.PublicKey;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** A public key: only points of P-256, only in the one encoding. */
class SpkiFuzz {
    static List<byte[]> seeds() {
        return List.of(Records.SPKI);
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsAKeyOrRefuses(byte[] input) throws Exception {
        Hostile.reread(input, SealedFormatException.class, P256::publicKey, PublicKey::getEncoded);
    }
}
