package dev.strongroom.vault;

import dev.strongroom.testkit.SoftwareChip;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** A vault process under a saved chip's root: the chip's folder, then a vault command line. */
final class TestVaultMain {
    private TestVaultMain() {}

    public static void main(String[] arguments) throws IOException {
        var command =
                new VaultCommand(
                        SoftwareChip.anchors(Path.of(arguments[0])), System.out, System.err);
        System.exit(command.run(Arrays.copyOfRange(arguments, 1, arguments.length)));
    }
}
