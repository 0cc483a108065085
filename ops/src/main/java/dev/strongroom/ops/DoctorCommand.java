package dev.strongroom.ops;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "doctor",
        description = "Check what this machine has and lacks, and say how to get it.")
final class DoctorCommand implements Callable<Integer> {
    private final Session session;

    @Option(
            names = "--module",
            paramLabel = "FILE",
            description = "A PKCS#11 module to check, for example libsofthsm2.so.")
    private @Nullable Path module;

    @Option(
            names = "--pin-file",
            paramLabel = "FILE",
            description = "The file with the token's PIN, to check its mode.")
    private @Nullable Path pinFile;

    DoctorCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        List<Checkup> checkups = new Doctor(session).examine(module, pinFile);
        session.print(Answer.many("checks", checkups.stream().map(Checkup::fields).toList()));
        boolean ill = checkups.stream().anyMatch(c -> c.health() == Checkup.Health.FAIL);
        return ill ? ExitCode.LOCAL.number() : ExitCode.OK.number();
    }
}
