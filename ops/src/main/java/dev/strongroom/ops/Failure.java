package dev.strongroom.ops;

import dev.strongroom.client.ClientException;
import dev.strongroom.client.RemoteReason;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.peer.ConnectionFault;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What the user is told when a command fails, and the one place that decides the exit code.
 *
 * @param code stable: the server's {@code ErrorInfo} reason, or the exit code's label
 * @param message what failed and why
 * @param hint what to do next
 */
record Failure(ExitCode exit, String code, String message, String hint) {
    static Failure of(Throwable error) {
        return switch (error) {
            case ParameterException usage -> ofUsage(usage);
            case ClientException client -> ofClient(client);
            case CustodyException custody -> ofCustody(custody);
            case StatusRuntimeException remote -> ofRemote(remote, remote.getStatus());
            case StatusException remote -> ofRemote(remote, remote.getStatus());
            case NoSuchFileException missing ->
                    local(missing.getFile() + " does not exist", "check the path");
            case AccessDeniedException closed ->
                    local(closed.getFile() + " cannot be accessed", "check its owner and mode");
            case IOException io ->
                    local(
                            "reading or writing a file failed: " + io.getMessage(),
                            "check free space and permissions, then run the command again");
            default ->
                    local(
                            "unexpected "
                                    + error.getClass().getSimpleName()
                                    + ": "
                                    + error.getMessage(),
                            "run again with STRONGROOM_TRACE=1 and report the trace");
        };
    }

    private static Failure ofUsage(ParameterException usage) {
        return new Failure(
                ExitCode.LOCAL,
                "usage",
                usage instanceof UnmatchedArgumentException unmatched
                        ? unknown(unmatched)
                        : String.valueOf(usage.getMessage()),
                usage.getCommandLine().getCommandSpec().qualifiedName() + " --help");
    }

    private static String unknown(UnmatchedArgumentException error) {
        String word = error.getUnmatched().getFirst();
        String kind =
                error.isUnknownOption()
                        ? "option"
                        : error.getCommandLine().getSubcommands().isEmpty()
                                ? "argument"
                                : "command";
        List<String> near = error.getSuggestions();
        return "unknown %s '%s'".formatted(kind, word)
                + (near.isEmpty() ? "" : "; did you mean: " + String.join(", ", near) + "?");
    }

    private static Failure ofClient(ClientException error) {
        ExitCode exit = exitCode(error.kind());
        return new Failure(
                exit, exit.label(), String.valueOf(error.getMessage()), error.nextStep());
    }

    /** A token on this machine. */
    private static Failure ofCustody(CustodyException error) {
        ExitCode exit =
                switch (error.reason()) {
                    case PIN_INCORRECT, PIN_LOCKED, PIN_NOT_USABLE -> ExitCode.DENIED;
                    case TOKEN_NOT_FOUND, KEY_NOT_FOUND -> ExitCode.NOT_FOUND;
                    case KEY_EXISTS, TOKEN_BUSY, TOKEN_DUPLICATE -> ExitCode.CONFLICT;
                    case SELF_TEST_FAILED, KEY_ATTRIBUTES, KEY_DUPLICATE, TOKEN_CHANGED ->
                            ExitCode.VERIFICATION_FAILED;
                    default -> ExitCode.LOCAL;
                };
        return new Failure(
                exit,
                error.reason().name(),
                String.valueOf(error.getMessage()),
                "look at the token: strongroom doctor --module FILE");
    }

    static ExitCode exitCode(ClientException.Kind kind) {
        return switch (kind) {
            case LOCAL -> ExitCode.LOCAL;
            case NOT_FOUND -> ExitCode.NOT_FOUND;
            case DENIED -> ExitCode.DENIED;
            case VERIFICATION_FAILED -> ExitCode.VERIFICATION_FAILED;
            case CONFLICT -> ExitCode.CONFLICT;
        };
    }

    private static Failure ofRemote(Exception error, Status status) {
        ExitCode exit = exitCode(status.getCode());
        return new Failure(
                exit, RemoteReason.of(error).orElse(exit.label()), message(status), hint(status));
    }

    /** A connection that failed is described by its cause; gRPC's own text is about pipelines. */
    private static String message(Status status) {
        Throwable cause = status.getCause();
        if (status.getCode() == Status.Code.UNAVAILABLE && cause != null) {
            return "the server cannot be reached: " + ConnectionFault.words(cause);
        }
        String description = status.getDescription();
        return "the server answered: "
                + (description == null ? status.getCode().name() : description);
    }

    static ExitCode exitCode(Status.Code code) {
        return switch (code) {
            case OK -> ExitCode.OK;
            case NOT_FOUND -> ExitCode.NOT_FOUND;
            case UNAUTHENTICATED, PERMISSION_DENIED -> ExitCode.DENIED;
            case DATA_LOSS -> ExitCode.VERIFICATION_FAILED;
            case FAILED_PRECONDITION, ALREADY_EXISTS, ABORTED -> ExitCode.CONFLICT;
            case RESOURCE_EXHAUSTED -> ExitCode.RATE_LIMITED;
            case CANCELLED,
                    UNKNOWN,
                    INVALID_ARGUMENT,
                    DEADLINE_EXCEEDED,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    INTERNAL,
                    UNAVAILABLE ->
                    ExitCode.REMOTE;
        };
    }

    private static String hint(Status status) {
        return switch (status.getCode()) {
            case UNAVAILABLE ->
                    status.getCause() == null
                            ? "the server is there: do as its answer says, or ask its operator"
                            : "check the address and that the server runs: strongroom doctor";
            case UNAUTHENTICATED ->
                    "the certificate is missing, expired or of another authority:"
                            + " strongroom identity create";
            case PERMISSION_DENIED ->
                    "use a --context whose role and tenant may do this, or ask the operator";
            case NOT_FOUND -> "see what there is: strongroom model list";
            case FAILED_PRECONDITION, ALREADY_EXISTS, ABORTED ->
                    "look at the present state, then run the command again";
            case INVALID_ARGUMENT, OUT_OF_RANGE -> "correct the input as the answer says";
            case DATA_LOSS -> "something was tampered with or damaged: tell the vault's operator";
            case RESOURCE_EXHAUSTED -> "wait, then run the command again";
            case UNIMPLEMENTED -> "nothing was done; if the server is older, have it updated";
            default -> "ask the operator to look into the server's log";
        };
    }

    private static Failure local(String message, String hint) {
        return new Failure(ExitCode.LOCAL, ExitCode.LOCAL.label(), message, hint);
    }
}
