package dev.strongroom.vault;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.vault.refusal.StartupException;
import dev.strongroom.vault.refusal.StartupException.Exit;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import tools.jackson.databind.json.JsonMapper;

/**
 * The command line of the vault's process: {@code init} makes a vault, {@code run} serves it until
 * the process is told to stop. Data goes to stdout, one JSON object a line; everything else to
 * stderr.
 */
public final class VaultCommand {
    private static final String USAGE =
            """
            usage:
              vault init --config FILE --operator-out DIR
                  makes the keys in the token or, without one, in a key store
                  file; the data folder; and the first operator's certificate
              vault run --config FILE
                  serves; prints its addresses as one JSON line when it is ready
            exit codes:
              0 ok   1 usage or configuration   2 other   3 token or key store not found
              4 PIN or password refused
              5 integrity: the token, key store or data folder is not the expected one
            """;

    private final TrustAnchors anchors;
    private final PrintStream out;
    private final PrintStream err;
    private final InstantSource clock;

    /**
     * A command line of one process.
     *
     * @param anchors the attestation roots of this process, fixed by its main
     */
    public VaultCommand(TrustAnchors anchors, PrintStream out, PrintStream err) {
        this(anchors, out, err, InstantSource.system());
    }

    VaultCommand(TrustAnchors anchors, PrintStream out, PrintStream err, InstantSource clock) {
        this.clock = clock;
        this.anchors = anchors;
        this.out = out;
        this.err = err;
    }

    /** Runs one command and returns the exit code. */
    public int run(String... arguments) {
        if (arguments.length == 0 || Set.of("-h", "--help", "help").contains(arguments[0])) {
            out.print(USAGE);
            return arguments.length == 0 ? Exit.USAGE.code() : 0;
        }
        try {
            warnIfSimulated();
            switch (arguments[0]) {
                case "init" -> init(options(arguments, Set.of("--config", "--operator-out")));
                case "run" -> serve(options(arguments, Set.of("--config")));
                default ->
                        throw new StartupException(
                                Exit.USAGE,
                                "unknown command " + arguments[0] + "; expected init or run");
            }
            return 0;
        } catch (StartupException e) {
            err.println("error: " + e.getMessage());
            return e.exit().code();
        }
    }

    private void warnIfSimulated() {
        if (anchors.tee() == Tee.SIMULATED) {
            err.println(
                    "*** SIMULATED TEE: this vault believes a software chip's test root. It protects"
                            + " nothing. ***");
        }
    }

    private void warnIfInSoftware(VaultConfig config) {
        if (config.custody() instanceof VaultConfig.KeyStore store) {
            err.println(
                    "*** TRUST LEVEL SOFTWARE: no token is configured. The keys are in "
                            + store.file()
                            + "; that file and its password are all anybody needs. ***");
        }
    }

    private void init(Map<String, Path> options) throws StartupException {
        Path operatorOut = require(options, "--operator-out").toAbsolutePath();
        VaultConfig config = ConfigFile.read(require(options, "--config"));
        warnIfInSoftware(config);
        Digest pin = VaultInit.initialise(config, anchors, operatorOut);
        var line = new LinkedHashMap<String, Object>();
        line.put("pin", pin.hex());
        line.put("operator", operatorOut.toString());
        line.put("data", config.dataDir().toString());
        line.put("tee", anchors.tee().label());
        print(line);
    }

    private void serve(Map<String, Path> options) throws StartupException {
        VaultConfig config = ConfigFile.read(require(options, "--config"));
        warnIfInSoftware(config);
        var stopped = new CountDownLatch(1);
        Vault vault = Vault.start(config, anchors, clock);
        try {
            Runtime.getRuntime()
                    .addShutdownHook(
                            Thread.ofPlatform()
                                    .name("stop")
                                    .unstarted(() -> {
                                        vault.close();
                                        stopped.countDown();
                                    }));
            print(ready(vault));
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, Object> ready(Vault vault) {
        var line = new LinkedHashMap<String, Object>();
        line.put("grpc", vault.grpcAddress());
        line.put("http", vault.httpAddress());
        line.put("pid", ProcessHandle.current().pid());
        line.put("tee", vault.tee().label());
        line.put("trustLevel", vault.trustLevel().name());
        line.put("pin", vault.pin().hex());
        return line;
    }

    private void print(Map<String, Object> line) {
        out.println(JsonMapper.shared().writeValueAsString(line));
        out.flush();
    }

    private static Path require(Map<String, Path> options, String name) throws StartupException {
        Path value = options.get(name);
        if (value == null) {
            throw new StartupException(Exit.USAGE, "missing " + name + "; see: vault --help");
        }
        return value;
    }

    private static Map<String, Path> options(String[] arguments, Set<String> known)
            throws StartupException {
        var options = new HashMap<String, Path>();
        List<String> rest = List.of(arguments).subList(1, arguments.length);
        for (int i = 0; i < rest.size(); i += 2) {
            if (!known.contains(rest.get(i)) || i + 1 == rest.size()) {
                throw new StartupException(
                        Exit.USAGE,
                        "expected "
                                + known.stream().sorted().toList()
                                + " each with a value, at "
                                + rest.get(i)
                                + "; see: vault --help");
            }
            options.put(rest.get(i), Path.of(rest.get(i + 1)));
        }
        return options;
    }
}
