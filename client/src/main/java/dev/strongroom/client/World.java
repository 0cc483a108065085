package dev.strongroom.client;

import dev.strongroom.attestation.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Keeps a profile in the world it was first used in: what a test root vouched for stays there. */
final class World {
    private static final String FILE = "root.txt";

    private final Profile profile;

    World(Profile profile) {
        this.profile = profile;
    }

    /** Remembers the roots at the first use; refuses others ever after. */
    void stay(Digest roots) throws ClientException, IOException {
        Path file = profile.stateFolder().resolve(FILE);
        if (!Files.exists(file)) {
            LocalFiles.replace(file, roots.hex().getBytes(StandardCharsets.US_ASCII));
        }
        if (!Files.readString(file).equals(roots.hex())) {
            throw ClientException.unverified(
                    "the context " + profile.folder() + " was born under another attestation root",
                    "use a context of its own for each world");
        }
    }
}
