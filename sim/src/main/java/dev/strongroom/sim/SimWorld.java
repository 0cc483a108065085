package dev.strongroom.sim;

import dev.strongroom.testkit.SoftwareChip;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;

/**
 * {@code strongroom-sim world DIR}: makes a chip with a root that exists nowhere else, and prints
 * the root's fingerprint and the measurement that nodes started from this build will have.
 */
public final class SimWorld {
    private SimWorld() {}

    public static void main(String[] arguments) throws Exception {
        SimProcess.run(() -> {
            if (arguments.length != 1) {
                throw new UsageException("usage: ./strongroom-sim world DIR");
            }
            return create(Path.of(arguments[0]));
        });
    }

    private static int create(Path folder) throws Exception {
        if (Files.exists(folder)) {
            throw new UsageException(folder + " exists: a world is made once, in a new folder");
        }
        SoftwareChip chip = SoftwareChip.create(new SecureRandom(), InstantSource.system());
        chip.save(folder);
        System.out.printf(
                "{\"tee\":\"simulated\",\"root\":\"%s\",\"measurement\":\"%s\"}%n",
                chip.anchors().fingerprint().hex(),
                HexFormat.of().formatHex(NodeImage.measurement()));
        return 0;
    }
}
