package dev.strongroom.vault;

import dev.strongroom.testkit.SoftwareChip;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;

/**
 * A simulated world's vault whose clock is a day behind. It goes before a command line of {@code
 * ./strongroom-sim --world DIR vault}.
 */
public final class LateVault {
    private static final int WORLD = 2; // ./strongroom-sim, --world, DIR
    private static final int COMMAND = 4; // after the word vault

    private LateVault() {}

    public static void main(String[] arguments) throws IOException {
        var clock = InstantSource.offset(InstantSource.system(), Duration.ofDays(-1));
        var command =
                new VaultCommand(
                        SoftwareChip.anchors(Path.of(arguments[WORLD])),
                        System.out,
                        System.err,
                        clock);
        System.exit(command.run(Arrays.copyOfRange(arguments, COMMAND, arguments.length)));
    }
}
