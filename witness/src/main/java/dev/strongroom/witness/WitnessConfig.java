package dev.strongroom.witness;

import dev.strongroom.config.Section;
import dev.strongroom.config.ServiceException;
import dev.strongroom.config.ServiceException.Exit;
import dev.strongroom.config.Settings;
import dev.strongroom.config.SettingsException;
import dev.strongroom.crypto.format.SealedFormatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Everything a witness is told, read once from a YAML file:
 *
 * <pre>
 * dataDir: /var/lib/strongroom-witness
 * name: witness.example.org/w1       # in signature lines; no white space, no plus
 * listen: {host: 127.0.0.1, port: 0} # 0 is any free port; the ready line tells
 * logs:                              # what `strongroom audit verify` prints as log_key
 *   - strongroom/0a1b…+89abcdef+Ajkw…
 *   - strongroom/0a1b…+01234567+Ajkw… until 4711 # earlier_log_keys: cosigned up to that size
 * </pre>
 *
 * @param name ideally a URL without its scheme
 * @param logs keys of one name sign the same log: the present one and those that it replaced
 */
record WitnessConfig(Path dataDir, String name, String host, int port, List<LogKey> logs) {
    private static final int MAX_PORT = 65_535;

    WitnessConfig {
        logs = List.copyOf(logs);
    }

    /** Reads and checks a file; the exception lists every fault. */
    static WitnessConfig read(Path file) throws ServiceException {
        try {
            return Settings.read(file, "name: witness.example.org/w1", WitnessConfig::config);
        } catch (SettingsException e) {
            throw new ServiceException(Exit.LOCAL, String.valueOf(e.getMessage()), e);
        }
    }

    private static WitnessConfig config(Section root) {
        root.only("dataDir", "name", "listen", "logs");
        Section listen = root.section("listen", "host", "port");
        return new WitnessConfig(
                root.path("dataDir"),
                root.matching(
                        "name", "[!-*,-~]{1,255}", "a name without white space and without a plus"),
                listen.text("host", "127.0.0.1"),
                listen.number("port", 0, 0, MAX_PORT),
                logs(root));
    }

    private static List<LogKey> logs(Section root) {
        var logs = new ArrayList<LogKey>();
        String expected = "keys as audit verify prints log_key and earlier_log_keys";
        for (String key : root.texts("logs", LogKey.PATTERN, expected)) {
            try {
                logs.add(LogKey.parse(key));
            } catch (SealedFormatException e) {
                root.fault("logs", String.valueOf(e.getMessage()));
            }
        }
        Set<String> present = new HashSet<>();
        for (LogKey log : logs) {
            if (!log.isReplaced() && !present.add(log.key().name())) {
                root.fault(
                        "logs",
                        "of the keys of one log only the present one has no end; add to the"
                                + " others what audit verify prints in earlier_log_keys: KEY until"
                                + " SIZE");
            }
        }
        return logs;
    }

    /** The names of the logs. */
    Set<String> origins() {
        return logs.stream().map(log -> log.key().name()).collect(Collectors.toSet());
    }
}
