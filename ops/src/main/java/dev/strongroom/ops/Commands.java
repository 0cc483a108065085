package dev.strongroom.ops;

import picocli.CommandLine;

/** The tree of commands: the table of contents of this package. */
final class Commands {
    private Commands() {}

    static void addTo(CommandLine root, Session session) {
        root.addSubcommand(new DoctorCommand(session));
        root.addSubcommand(new VersionCommand(session));
    }
}
