package dev.strongroom.agent;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.config.ServiceException;
import dev.strongroom.config.ServiceException.Exit;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.SealedFormatException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import tools.jackson.databind.json.JsonMapper;

/**
 * The command line of the owner's agent: {@code init} makes its keys, {@code run} serves until the
 * process is told to stop, {@code log} prints what it decided. Data goes to stdout, one JSON object
 * a line; everything else to stderr.
 */
public final class AgentCommand {
    private static final String USAGE =
            """
            usage:
              agent init --config FILE
                  makes the keys in the data folder, and the password's file if there is
                  none; prints the agent's id for `model push --split ID@HOST:PORT`
              agent run --config FILE
                  keeps parts of split content keys and releases them to attested nodes;
                  prints its address as one JSON line when it is ready
              agent log --config FILE
                  prints every decision, oldest first, also while the agent runs
            the file is YAML:
              dataDir: /var/lib/strongroom-agent
              owner: OWNER-ID
              passwordFile: /etc/strongroom/agent.password   # or passwordCredential: NAME
              listen: {host: 127.0.0.1, port: 0}
            the owner's own commands: agent revoke version|chip|measurement …
            exit codes:
              0 ok   1 usage, configuration or folder   5 the data folder is damaged
            """;

    private static final String BANNER =
            "*** SIMULATED TEE: this agent believes a software chip; nothing that it releases to is"
                    + " protected from its host ***";

    private final TrustAnchors anchors;
    private final PrintStream out;
    private final PrintStream err;

    /**
     * @param anchors the roots that evidence is verified under
     */
    public AgentCommand(TrustAnchors anchors, PrintStream out, PrintStream err) {
        this.anchors = anchors;
        this.out = out;
        this.err = err;
    }

    /** Runs one command and returns the exit code. */
    public int run(String... arguments) {
        if (arguments.length == 0 || Set.of("-h", "--help", "help").contains(arguments[0])) {
            out.print(USAGE);
            return arguments.length == 0 ? Exit.LOCAL.code() : 0;
        }
        try {
            AgentConfig config = AgentConfig.read(configFile(arguments));
            switch (arguments[0]) {
                case "init" -> init(config);
                case "run" -> serve(config);
                case "log" -> printLog(config);
                default ->
                        throw new ServiceException(
                                Exit.LOCAL,
                                "unknown command " + arguments[0] + "; expected init, run or log");
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

    private void init(AgentConfig config) throws ServiceException, IOException {
        Digest id = Agent.init(config, anchors, InstantSource.system(), new SecureRandom());
        print(identity(id, config));
    }

    private void serve(AgentConfig config) throws ServiceException, IOException {
        if (anchors.tee() == Tee.SIMULATED) {
            err.println(BANNER);
        }
        try (var agent = Agent.start(config, anchors, InstantSource.system(), new SecureRandom())) {
            Map<String, Object> ready = identity(agent.id(), config);
            ready.put("grpc", agent.address());
            ready.put("pid", ProcessHandle.current().pid());
            ready.put("decisions", agent.decisions());
            ready.put("head", agent.head().hex());
            print(ready);
            new CountDownLatch(1).await(); // a signal ends the process: all that counts is durable
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Map<String, Object> identity(Digest id, AgentConfig config) {
        var line = new LinkedHashMap<String, Object>();
        line.put("agent", id.hex());
        line.put("owner", config.owner().hex());
        line.put("tee", anchors.tee().label());
        return line;
    }

    private void printLog(AgentConfig config) throws ServiceException, IOException {
        Path log = AgentFolder.log(config.dataDir());
        if (!Files.exists(log)) {
            throw new ServiceException(
                    Exit.LOCAL,
                    "no agent in " + config.dataDir() + "; make one: agent init --config FILE");
        }
        try {
            DecisionLog.read(log, this::print);
        } catch (SealedFormatException e) {
            throw new ServiceException(Exit.INTEGRITY, log + ": " + e.getMessage(), e);
        }
    }

    private void print(long number, AuditRecord record) {
        var line = new LinkedHashMap<String, Object>();
        line.put("decision", number);
        line.put("type", record.type());
        line.put("time", record.time().toString());
        line.put("actor", record.actor());
        line.putAll(record.fields());
        print(line);
    }

    private void print(Map<String, Object> line) {
        out.println(JsonMapper.shared().writeValueAsString(line));
        out.flush();
    }

    private static Path configFile(String[] arguments) throws ServiceException {
        if (arguments.length != 3 || !arguments[1].equals("--config")) {
            throw new ServiceException(
                    Exit.LOCAL, "expected: agent init|run|log --config FILE; see: agent --help");
        }
        return Path.of(arguments[2]);
    }
}
