package dev.strongroom.ops;

import java.lang.module.ModuleDescriptor;
import java.util.Optional;
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
        return session.print(
                Answer.with("version", version())
                        .with("java", System.getProperty("java.version"))
                        .with("anchors", session.anchors().tee().label())
                        .with("anchors_fingerprint", session.anchors().fingerprint().hex())
                        .one());
    }

    /** The build gives the module its version; a class path has none. */
    private static String version() {
        return Optional.ofNullable(VersionCommand.class.getModule().getDescriptor())
                .flatMap(ModuleDescriptor::rawVersion)
                .orElse("development");
    }
}
