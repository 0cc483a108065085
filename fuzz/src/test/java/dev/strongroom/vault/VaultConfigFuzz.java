package dev.strongroom.vault;

import dev.strongroom.fuzz.Fuzzed;
import dev.strongroom.fuzz.Hostile;
import dev.strongroom.fuzz.HostileFile;
import dev.strongroom.vault.refusal.StartupException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** The vault's YAML. */
class VaultConfigFuzz {
    private static final HostileFile FILE = HostileFile.named("vault.yaml");

    static List<byte[]> seeds() {
        String yaml =
                """
                dataDir: /var/lib/strongroom
                token: {module: /lib/p11.so, label: main, pinFile: /etc/pin}
                grpc: {host: 0.0.0.0, port: 8443}
                hostNames: [vault.example.org, &a "b"]
                limits: {leaseMinutes: 5, unfinishedHours: 2}
                """;
        return List.of(yaml.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @Fuzzed
    void readsAConfigurationOrRefuses(byte[] input) throws Exception {
        Hostile.read(input, StartupException.class, yaml -> ConfigFile.read(FILE.with(yaml)));
    }
}
