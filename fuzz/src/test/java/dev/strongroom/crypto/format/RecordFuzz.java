package dev.strongroom.crypto.format;

import dev.strongroom.crypto.format.EncodingTest.Codec;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.security.SignatureException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** A canonical record: the strict reader of one type, seeded with one record of every type. */
abstract class RecordFuzz {
    private final Codec codec;

    RecordFuzz(Codec codec) {
        this.codec = codec;
    }

    static List<byte[]> seeds() throws SignatureException {
        var seeds = new ArrayList<byte[]>();
        for (Codec codec : Codec.values()) {
            seeds.add(codec.encoded());
        }
        return seeds;
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsOneEncodingOrRefuses(byte[] input) throws Exception {
        Hostile.reread(input, SealedFormatException.class, codec::reencode, again -> again);
    }
}
