package dev.strongroom.crypto.custody;

import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** What a stored record says of its own proof, read before anything is verified. */
class ProvenBodyFuzz {
    static List<byte[]> seeds() {
        byte[] mac = new byte[RecordMac.BYTES];
        List<byte[]> path = List.of(new byte[32], mac);
        return Stream.of(
                        new ProvenBody(new byte[240], List.of(), 0, 1, mac),
                        new ProvenBody(new byte[240], path, 1, 3, mac),
                        new ProvenBody(new byte[240], path.subList(0, 1), 2, 3, mac))
                .map(ProvenBody::encode)
                .toList();
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsOneEncodingOrRefuses(byte[] input) throws Exception {
        Hostile.reread(
                input,
                MalformedEncodingException.class,
                bytes -> {
                    ProvenBody read = ProvenBody.decode(bytes);
                    read.head(); // what was read has a root, whatever it is
                    return read;
                },
                ProvenBody::encode);
    }
}
