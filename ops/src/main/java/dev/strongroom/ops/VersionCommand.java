package dev.strongroom.ops;

import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "version", description = "Show what this program is.")
final class VersionCommand implements Callable<Integer> {
    private final Session session;

    VersionCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        String version = VersionCommand.class.getPackage().getImplementationVersion();
        return session.print(
                Answer.with("version", Objects.requireNonNullElse(version, "development"))
                        .with("java", System.getProperty("java.version"))
                        .with("anchors", session.anchors().tee().label())
                        .with("anchors_fingerprint", session.anchors().fingerprint().hex())
                        .one());
    }
}
