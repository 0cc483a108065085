package dev.strongroom.ops;

import dev.strongroom.crypto.custody.PinSource;
import dev.strongroom.crypto.custody.pkcs11.Pkcs11Module;
import dev.strongroom.crypto.custody.pkcs11.ProfileName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "doctor",
        description = "Check what this machine has and lacks, and say how to get it.")
final class DoctorCommand implements Callable<Integer> {
    private final Session session;

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--module",
            paramLabel = "FILE",
            description = "A PKCS#11 module to check, for example libsofthsm2.so.")
    private @Nullable Path module;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "Of a module that is not known by itself: ${COMPLETION-CANDIDATES}.")
    private @Nullable ProfileName profile;

    @Option(
            names = "--token",
            paramLabel = "LABEL",
            description = "With --log-in: the token to have prove what its module's profile says.")
    private @Nullable String token;

    @Option(
            names = "--key-store",
            paramLabel = "FILE",
            description = "The key store of a vault without a token, to check.")
    private @Nullable Path keyStore;

    @Option(
            names = "--pin-file",
            paramLabel = "FILE",
            description = "The file with the PIN or the key store's password, to check its mode.")
    private @Nullable Path pinFile;

    @Option(
            names = "--pin-credential",
            paramLabel = "NAME",
            description = "The systemd credential in its place, to check what this process gets.")
    private @Nullable String pinCredential;

    @Option(
            names = "--pin-command",
            paramLabel = "WORD",
            split = ",",
            description = {
                "The program in its place and its arguments, with commas between them, to check who",
                "can replace it. It is run with --log-in only, and then once."
            })
    private @Nullable List<String> pinCommand;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "A vault's dataDir, to check owner, mode, room, locks and durability.")
    private @Nullable Path data;

    @Option(
            names = "--log-in",
            description = "Use the PIN or password, with one attempt, and say what is behind it.")
    private boolean logIn;

    DoctorCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        var written = new ArrayList<>(List.of(session.profile().folder()));
        if (data != null) {
            written.add(data);
        }
        var checkups = new ArrayList<>(new Doctor(session).examine(written));
        if (module != null) {
            checkups.add(CustodyDoctor.module(pkcs11(module)));
        }
        if (keyStore != null) {
            checkups.add(CustodyDoctor.keyStore(keyStore));
        }
        if (data != null) {
            checkups.add(StoreDoctor.data(data));
        }
        checkups.addAll(pinSource());
        if (logIn) {
            checkups.addAll(behindThePin());
        }
        session.print(Answer.many("checks", checkups.stream().map(Checkup::fields).toList()));
        boolean ill = checkups.stream().anyMatch(c -> c.health() == Checkup.Health.FAIL);
        return ill ? ExitCode.LOCAL.number() : ExitCode.OK.number();
    }

    private List<Checkup> pinSource() throws IOException {
        requireOneSource();
        if (pinFile != null) {
            return List.of(PinDoctor.file(pinFile));
        }
        if (pinCredential != null) {
            return List.of(
                    PinDoctor.credential(
                            pinCredential,
                            Optional.ofNullable(
                                    session.console().environment().get("CREDENTIALS_DIRECTORY"))));
        }
        return pinCommand != null ? List.of(PinDoctor.command(pinCommand)) : List.of();
    }

    private void requireOneSource() {
        long sources =
                Stream.of(pinFile, pinCredential, pinCommand).filter(Objects::nonNull).count();
        if (sources > 1) {
            throw misused("expected one of --pin-file, --pin-credential and --pin-command");
        }
    }

    /** As the vault would read it. */
    private Optional<PinSource> source() {
        try {
            if (pinFile != null) {
                return Optional.of(PinSource.file(pinFile));
            }
            if (pinCredential != null) {
                return Optional.of(PinSource.credential(pinCredential));
            }
            return Optional.ofNullable(pinCommand).map(PinSource::command);
        } catch (IllegalArgumentException e) {
            throw misused(String.valueOf(e.getMessage()));
        }
    }

    private Pkcs11Module pkcs11(Path library) {
        return new Pkcs11Module(
                library.toAbsolutePath(),
                Optional.ofNullable(profile),
                Optional.empty(),
                Optional.empty());
    }

    private List<Checkup> behindThePin() {
        Optional<PinSource> source = source();
        if (source.isPresent() && keyStore != null && module == null) {
            return List.of(CustodyDoctor.content(keyStore, source.get()));
        }
        if (source.isPresent() && module != null && token != null && keyStore == null) {
            return CustodyDoctor.inside(pkcs11(module), token, source.get());
        }
        throw misused(
                "--log-in: expected --pin-file, --pin-credential or --pin-command, and either"
                        + " --key-store or --module with --token");
    }

    private ParameterException misused(String why) {
        return new ParameterException(
                Objects.requireNonNull(spec, "set by picocli").commandLine(), why);
    }
}
