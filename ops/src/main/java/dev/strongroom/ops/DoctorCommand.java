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
            names = "--log-in",
            description = "Use the PIN or password, with one attempt, and say what is behind it.")
    private boolean logIn;

    DoctorCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        var checkups = new ArrayList<>(new Doctor(session).examine());
        if (module != null) {
            checkups.add(CustodyDoctor.module(pkcs11(module)));
        }
        if (keyStore != null) {
            checkups.add(CustodyDoctor.keyStore(keyStore));
        }
        if (pinFile != null) {
            checkups.add(CustodyDoctor.pinFile(pinFile));
        }
        if (logIn) {
            checkups.addAll(behindThePin());
        }
        session.print(Answer.many("checks", checkups.stream().map(Checkup::fields).toList()));
        boolean ill = checkups.stream().anyMatch(c -> c.health() == Checkup.Health.FAIL);
        return ill ? ExitCode.LOCAL.number() : ExitCode.OK.number();
    }

    private Pkcs11Module pkcs11(Path library) {
        return new Pkcs11Module(
                library.toAbsolutePath(),
                Optional.ofNullable(profile),
                Optional.empty(),
                Optional.empty());
    }

    private List<Checkup> behindThePin() {
        if (pinFile != null && keyStore != null && module == null) {
            return List.of(CustodyDoctor.content(keyStore, PinSource.file(pinFile)));
        }
        if (pinFile != null && module != null && token != null && keyStore == null) {
            return CustodyDoctor.inside(pkcs11(module), token, PinSource.file(pinFile));
        }
        throw new ParameterException(
                Objects.requireNonNull(spec, "set by picocli").commandLine(),
                "--log-in: expected --pin-file and either --key-store or --module with --token");
    }
}
