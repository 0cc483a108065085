package dev.strongroom.vault;

import dev.strongroom.testkit.SoftwareChip;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;

/** A vault process under a saved chip's root: the chip's folder, then a vault command line. */
final class TestVaultMain {
    private TestVaultMain() {}

    /** How many days this process's clock is behind. */
    static final String DAYS_BEHIND = "strongroom.test.daysBehind";

    public static void main(String[] arguments) throws IOException {
        var command =
                new VaultCommand(
                        SoftwareChip.anchors(Path.of(arguments[0])),
                        System.out,
                        System.err,
                        InstantSource.offset(
                                InstantSource.system(),
                                Duration.ofDays(-Integer.getInteger(DAYS_BEHIND, 0))));
        System.exit(command.run(Arrays.copyOfRange(arguments, 1, arguments.length)));
    }
}
