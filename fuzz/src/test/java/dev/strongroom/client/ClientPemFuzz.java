package dev.strongroom.client;

import dev.strongroom.crypto.Version;
import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import dev.strongroom.fuzz.HostileFile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** PEM files of an identity: certificates, a key, a public key. */
class ClientPemFuzz {
    private static final HostileFile FILE = HostileFile.named("key.pem");

    static List<byte[]> seeds() {
        var keys = Version.p256();
        String overlapping = "-----BEGIN PUBLIC KEY-----END PUBLIC KEY-----"; // a finding
        return List.of(
                Pem.ofPrivateKey(keys.getPrivate().getEncoded()),
                Pem.ofPublicKey(keys.getPublic().getEncoded()),
                overlapping.getBytes(StandardCharsets.US_ASCII));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsPemOrRefuses(byte[] input) throws Exception {
        var file = FILE.with(input);
        Hostile.read(input, ClientException.class, _ -> Pem.readPrivateKey(file));
        Hostile.read(input, ClientException.class, _ -> Pem.readPublicKey(file));
        Hostile.read(input, ClientException.class, _ -> Pem.readCertificates(file));
    }
}
