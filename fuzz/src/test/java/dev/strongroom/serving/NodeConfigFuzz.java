package dev.strongroom.serving;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import dev.strongroom.fuzz.HostileFile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** The node's YAML. */
class NodeConfigFuzz {
    private static final HostileFile FILE = HostileFile.named("node.yaml");

    static List<byte[]> seeds() {
        String yaml =
                """
                vault: 127.0.0.1:7410
                identity: {ca: /id/ca.pem, cert: /id/cert.pem, key: /id/key.pem}
                pin: %s
                model: acme/net
                version: 3
                dataDir: /var/lib/node
                listen: {host: 0.0.0.0, port: 7420}
                """
                        .formatted("ab".repeat(32));
        return List.of(yaml.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsAConfigurationOrRefuses(byte[] input) throws Exception {
        Hostile.read(input, NodeException.class, yaml -> ConfigFile.read(FILE.with(yaml), 1 << 30));
    }
}
