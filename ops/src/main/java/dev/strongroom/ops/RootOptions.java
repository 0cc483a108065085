package dev.strongroom.ops;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The root of the command tree and the options that every command takes. */
@Command(
        name = "strongroom",
        description = "A vault for AI models: seal, push, attest, infer, rotate, audit.",
        footer = {
            "",
            "Processes, each with --help: vault, node, tune, agent, witness."
                    + " In a checkout also: demo, test, bench, redteam.",
            "Environment: STRONGROOM_CONTEXT (--context), STRONGROOM_ADDR (--addr),"
                    + " STRONGROOM_PIN (--pin), STRONGROOM_OUTPUT (--output),"
                    + " STRONGROOM_TRACE=1 prints stack traces.",
            "Exit codes: 0 ok, 1 usage or local, 2 remote, 3 not found, 4 denied,"
                    + " 5 integrity or attestation failed, 6 conflict, 7 rate exceeded,"
                    + " 130 interrupted."
        })
final class RootOptions implements Runnable {
    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show what this command takes.")
    boolean help;

    @Option(
            names = {"-o", "--output"},
            scope = ScopeType.INHERIT,
            paramLabel = "FORMAT",
            description = "table (default), json or yaml.")
    @Nullable OutputFormat output;

    @Option(
            names = "--context",
            scope = ScopeType.INHERIT,
            paramLabel = "DIR",
            description =
                    "Folder with the identity, the pin and what was seen; default"
                            + " ~/.config/strongroom.")
    @Nullable Path context;

    @Option(
            names = "--addr",
            scope = ScopeType.INHERIT,
            paramLabel = "HOST:PORT",
            description = "The vault; default: vault.txt of the context.")
    @Nullable String address;

    @Option(
            names = "--pin",
            scope = ScopeType.INHERIT,
            paramLabel = "HEX",
            description = "Fingerprint of the vault's ceremony key; default: pin.txt.")
    @Nullable String pin;

    @Override
    public void run() {
        CommandLine line = Objects.requireNonNull(spec, "set by picocli").commandLine();
        throw new ParameterException(line, "a command is missing");
    }
}
