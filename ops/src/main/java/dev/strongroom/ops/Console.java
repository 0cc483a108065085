package dev.strongroom.ops;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where a command reads its environment and writes: data to {@code out}, everything else to {@code
 * err}.
 *
 * @param err plain text or a terminal, as {@code errors} says
 * @param environment variables of the process
 */
public record Console(
        PrintStream out, PrintStream err, Errors errors, Map<String, String> environment) {
    /** What standard error leads to. */
    public enum Errors {
        TERMINAL,
        FILE
    }

    public Console {
        environment = Map.copyOf(environment);
    }

    /** This process's own. */
    public static Console ofProcess() {
        return new Console(System.out, System.err, errorsOfProcess(), System.getenv());
    }

    /** Asks on the terminal; empty when there is none, or no answer. */
    @SuppressWarnings("SystemConsoleNull") // JDK 25's default gives none again without a terminal
    Optional<String> ask(String question) {
        java.io.Console terminal = System.console();
        if (errors != Errors.TERMINAL || terminal == null || !terminal.isTerminal()) {
            return Optional.empty();
        }
        err.print(question);
        err.flush();
        return Optional.ofNullable(terminal.readLine());
    }

    private static Errors errorsOfProcess() {
        boolean dumb =
                "dumb".equals(System.getenv("TERM"))
                        || System.getenv("TERM") == null
                        || System.getenv("CI") != null;
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            boolean terminal = target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
            return terminal && !dumb ? Errors.TERMINAL : Errors.FILE;
        } catch (IOException e) {
            return Errors.FILE;
        }
    }
}
