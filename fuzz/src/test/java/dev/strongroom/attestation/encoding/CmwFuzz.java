package dev.strongroom.attestation.encoding;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** The extension of a certificate that anybody may show in a handshake. */
class CmwFuzz {
    static List<byte[]> seeds() {
        return List.of(
                new Cmw("application/vnd.strongroom.node-evidence.v1", new byte[9], 6)
                        .encodeExtension());
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsOneEncodingOrRefuses(byte[] input) throws Exception {
        Hostile.reread(
                input,
                MalformedEncodingException.class,
                Cmw::decodeExtension,
                Cmw::encodeExtension);
    }
}
