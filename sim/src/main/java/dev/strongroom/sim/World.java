package dev.strongroom.sim;

import dev.strongroom.attestation.TrustAnchors;
import dev.strongroom.testkit.SoftwareChip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * The folder where the software chip of one simulated world lives, and the rest of a command line
 * that named it with {@code --world DIR}.
 *
 * @param folder with the chip's keys and root
 * @param arguments what came after
 */
record World(Path folder, List<String> arguments) {
    World {
        arguments = List.copyOf(arguments);
    }

    /** Reads {@code --world DIR} off the front. */
    static World of(String[] commandLine) {
        List<String> rest = new ArrayList<>(List.of(commandLine));
        if (rest.size() < 2 || !rest.removeFirst().equals("--world")) {
            throw new UsageException(
                    "--world DIR comes first; make one with: ./strongroom-sim world DIR");
        }
        Path folder = Path.of(rest.removeFirst());
        if (!Files.isDirectory(folder)) {
            throw new UsageException(
                    folder + " is not a world; make one with: ./strongroom-sim world " + folder);
        }
        return new World(folder, rest);
    }

    TrustAnchors anchors() throws IOException {
        return SoftwareChip.anchors(folder);
    }

    SoftwareChip chip() throws IOException {
        return SoftwareChip.load(folder, new SecureRandom(), InstantSource.system());
    }

    String[] argumentArray() {
        return arguments.toArray(String[]::new);
    }
}
