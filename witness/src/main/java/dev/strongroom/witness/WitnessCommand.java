package dev.strongroom.witness;

import dev.strongroom.attestation.Digest;
import dev.strongroom.config.ServiceException;
import dev.strongroom.config.ServiceException.Exit;
import dev.strongroom.crypto.transparency.WitnessKey;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import tools.jackson.databind.json.JsonMapper;

/**
 * The command line of a witness: {@code init} makes its key, {@code run} serves until the process
 * is told to stop. Data goes to stdout, one JSON object a line; everything else to stderr.
 */
final class WitnessCommand {
    private static final String USAGE =
            """
            usage:
              witness init --config FILE
                  makes the key in the data folder; prints it for the vault's
                  configuration and for owners' policies, with its fingerprint
              witness admit --config FILE
                  says of configured logs that this witness knows nothing of that it
                  never cosigned them; without that it does not run for them
              witness run --config FILE
                  cosigns checkpoints that continue the last one seen; prints its
                  address as one JSON line when it is ready
            the file is YAML:
              dataDir: /var/lib/strongroom-witness
              name: witness.example.org/w1
              listen: {host: 127.0.0.1, port: 0}
              logs: [LOG KEY]      # what `strongroom audit verify` prints as log_key,
                                   # and as earlier_log_keys: OLD KEY until SIZE
            exit codes:
              0 ok   1 usage, configuration or folder   5 the data folder is damaged
            """;

    private final PrintStream out;
    private final PrintStream err;

    WitnessCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Runs one command and returns the exit code. */
    int run(String... arguments) {
        if (arguments.length == 0 || Set.of("-h", "--help", "help").contains(arguments[0])) {
            out.print(USAGE);
            return arguments.length == 0 ? Exit.LOCAL.code() : 0;
        }
        try {
            WitnessConfig config = WitnessConfig.read(configFile(arguments));
            switch (arguments[0]) {
                case "init" -> init(config);
                case "admit" -> admit(config);
                case "run" -> serve(config);
                default ->
                        throw new ServiceException(
                                Exit.LOCAL,
                                "unknown command "
                                        + arguments[0]
                                        + "; expected init, admit or run");
            }
            return 0;
        } catch (ServiceException e) {
            err.println("error: " + e.getMessage());
            return e.exit().code();
        } catch (IOException e) {
            err.println("error: " + e);
            return Exit.LOCAL.code();
        }
    }

    private void init(WitnessConfig config) throws ServiceException, IOException {
        try (var folder = WitnessFolder.open(config.dataDir())) {
            print(named(folder.makeKey(config.name(), new SecureRandom())));
            admit(config, folder);
        }
    }

    private static void admit(WitnessConfig config) throws ServiceException, IOException {
        try (var folder = WitnessFolder.open(config.dataDir())) {
            admit(config, folder);
        }
    }

    private static void admit(WitnessConfig config, WitnessFolder folder) throws IOException {
        var seen = new CheckpointFolder(folder.seen());
        for (String origin : config.origins()) {
            seen.admit(origin);
        }
    }

    private void serve(WitnessConfig config) throws ServiceException, IOException {
        if (config.logs().isEmpty()) {
            throw new ServiceException(
                    Exit.LOCAL, "logs: expected at least one log key to run a witness for");
        }
        try (var folder = WitnessFolder.open(config.dataDir())) {
            var cosigner = folder.cosigner(config.name());
            var seen = new CheckpointFolder(folder.seen());
            for (String origin : config.origins()) {
                seen.last(origin); // what was forgotten is found out now, not at the first request
            }
            var witness = new Witness(cosigner, config.logs(), seen, InstantSource.system());
            try (var server = WitnessServer.start(config.host(), config.port(), witness)) {
                print(
                        Map.of(
                                "http",
                                server.address(),
                                "pid",
                                ProcessHandle.current().pid(),
                                "key",
                                cosigner.key().text()));
                new CountDownLatch(1)
                        .await(); // a signal ends the process: all that counts is durable
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, Object> named(WitnessKey key) {
        return Map.of("key", key.text(), "fingerprint", fingerprint(key).hex());
    }

    /** What two people compare who were told a key: SHA-256 of its text. */
    private static Digest fingerprint(WitnessKey key) {
        return Digest.sha256(key.text().getBytes(StandardCharsets.UTF_8));
    }

    private void print(Map<String, Object> line) {
        out.println(JsonMapper.shared().writeValueAsString(line));
        out.flush();
    }

    private static Path configFile(String[] arguments) throws ServiceException {
        if (arguments.length != 3 || !arguments[1].equals("--config")) {
            throw new ServiceException(
                    Exit.LOCAL,
                    "expected: witness init|admit|run --config FILE; see: witness --help");
        }
        return Path.of(arguments[2]);
    }
}
