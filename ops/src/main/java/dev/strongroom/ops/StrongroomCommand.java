package dev.strongroom.ops;

import dev.strongroom.attestation.Tee;
import dev.strongroom.attestation.TrustAnchors;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * The whole command line. Each {@link #execute} is one invocation and independent of the others; an
 * instance may be used by one thread at a time.
 */
public final class StrongroomCommand {
    private static final int HELP_COLUMNS = 110; // room for descriptions of 70 beside the options
    private static final String LOG_SETTINGS = "logback.configurationFile";

    private final TrustAnchors anchors;
    private final Console console;

    /** For a process: its own streams and environment. */
    public StrongroomCommand(TrustAnchors anchors) {
        this(anchors, Console.ofProcess());
    }

    public StrongroomCommand(TrustAnchors anchors, Console console) {
        this.anchors = anchors;
        this.console = console;
        // Standard output is data only; logback's default would write there.
        if (System.getProperty(LOG_SETTINGS) == null) {
            System.setProperty(LOG_SETTINGS, "strongroom-cli-logback.xml");
        }
    }

    /**
     * Runs one command.
     *
     * @return the exit code: 0 ok, 1 usage or local, 2 remote, 3 not found, 4 denied, 5 integrity
     *     or attestation failed, 6 conflict, 7 rate exceeded
     */
    public int execute(String... args) {
        if (anchors.tee() == Tee.SIMULATED) {
            console.err()
                    .println("*** SIMULATED TEE: a test root is trusted; nothing is protected ***");
        }
        var options = new RootOptions();
        var session = new Session(anchors, console, options);
        int exit = commandLine(options, session).execute(args);
        console.out().flush();
        console.err().flush();
        return exit;
    }

    private CommandLine commandLine(RootOptions options, Session session) {
        var root = new CommandLine(options);
        Commands.addTo(root, session);
        root.setCommandName(session.program());
        root.setCaseInsensitiveEnumValuesAllowed(true);
        root.setUsageHelpWidth(HELP_COLUMNS);
        root.setOut(writer(console.out()));
        root.setErr(writer(console.err()));
        root.setParameterExceptionHandler((error, args) -> fail(session, error, args));
        root.setExecutionExceptionHandler(
                (error, line, parsed) -> fail(session, error, new String[0]));
        return root;
    }

    private int fail(Session session, Exception error, String[] args) {
        if (error instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        if (console.environment().containsKey("STRONGROOM_TRACE")) {
            error.printStackTrace(console.err());
        }
        Failure failure = Failure.of(error);
        new Printer(console, format(session, error, args), anchors.tee()).print(failure);
        return failure.exit().number();
    }

    /** A mistyped command line was not read to its end; what it says of the format still counts. */
    private static OutputFormat format(Session session, Exception error, String[] args) {
        if (!(error instanceof ParameterException)) {
            return session.format();
        }
        List<String> words = Arrays.asList(args);
        for (int i = 0; i < words.size(); i++) {
            String next = i + 1 < words.size() ? words.get(i + 1) : "";
            String value =
                    switch (words.get(i)) {
                        case "-o", "--output" -> next;
                        case "-ojson", "-o=json", "--output=json" -> "json";
                        case "-oyaml", "-o=yaml", "--output=yaml" -> "yaml";
                        default -> "";
                    };
            if (value.equals("json") || value.equals("yaml")) {
                return OutputFormat.valueOf(value.toUpperCase(Locale.ROOT));
            }
        }
        return session.format();
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }
}
