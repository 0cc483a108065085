package dev.strongroom.serving;

import dev.strongroom.crypto.Version;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import dev.strongroom.fuzz.HostileFile;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** PEM files of the node's identity. */
class NodePemFuzz {
    private static final HostileFile FILE = HostileFile.named("key.pem");

    static List<byte[]> seeds() {
        String key =
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getEncoder()
                                .encodeToString(Version.p256().getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n";
        String overlapping = "-----BEGIN PRIVATE KEY-----END PRIVATE KEY-----"; // a finding
        return List.of(
                key.getBytes(StandardCharsets.US_ASCII),
                overlapping.getBytes(StandardCharsets.US_ASCII));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsPemOrRefuses(byte[] input) throws Exception {
        var file = FILE.with(input);
        Hostile.read(input, NodeException.class, _ -> Pem.privateKey(file));
        Hostile.read(input, NodeException.class, _ -> Pem.certificates(file));
    }
}
