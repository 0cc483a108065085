package dev.strongroom.ops;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** A word that only holds sub-commands together and says so when it stands alone. */
final class Group implements Runnable {
    private @Nullable CommandLine line;

    private Group() {}

    /** Adds the word first and its commands then, so that they inherit the root's options. */
    static CommandLine add(CommandLine root, String name, String description, Object... commands) {
        var group = new Group();
        CommandSpec spec = CommandSpec.wrapWithoutInspection(group).name(name);
        spec.usageMessage().description(description);
        var line = new CommandLine(spec);
        group.line = line;
        root.addSubcommand(line);
        for (Object command : commands) {
            line.addSubcommand(command);
        }
        return line;
    }

    @Override
    public void run() {
        CommandLine self = Objects.requireNonNull(line, "set when added");
        throw new ParameterException(
                self,
                "\"" + self.getCommandName() + "\" needs one of " + self.getSubcommands().keySet());
    }
}
