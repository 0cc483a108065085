package dev.strongroom.bench;

import java.util.Optional;
import picocli.CommandLine;

/** Reads what comes after {@code ./strongroom bench NAME}. */
public final class Words {
    private Words() {}

    /** Empty when help was asked for or the words make no sense, which was said then. */
    public static <T> Optional<T> into(T options, String[] words) {
        var line = new CommandLine(options).setCaseInsensitiveEnumValuesAllowed(true);
        try {
            line.parseArgs(words);
        } catch (CommandLine.ParameterException e) {
            System.err.println(e.getMessage());
            line.usage(System.err);
            return Optional.empty();
        }
        if (line.isUsageHelpRequested()) {
            line.usage(System.out);
            return Optional.empty();
        }
        return Optional.of(options);
    }
}
